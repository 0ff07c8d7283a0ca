// exports_pairs.h: get-many of 0.2.0-draft2 as upstream has it since August 2026,
// under the same version: each key with an optional value, where it was an
// optional pair of both. GET_MANY_PAIRS builds a separate file with it. Included by
// exports.c in place of its own get-many; no header to include elsewhere.

// tuple<string, option<list<u8>>>
struct pair_slot {
    struct buffer key;
    bool found;
    struct buffer value;
};

_Static_assert(offsetof(struct pair_slot, value) == 12 && sizeof(struct pair_slot) == 20,
               "the canonical ABI's layout");

static struct pair_slot *given_pairs;

// The new slots point to memory that the first ones own and free.
EXPORT(DRAFT2_BATCH "#get-many", struct answer *, draft2_get_many, struct bucket *bucket,
       struct buffer *keys, size_t count)
{
    if (export_get_many(bucket, keys, count)->failed) {
        return &answer;
    }
    given_pairs = calloc(count + 1, sizeof *given_pairs);
    if (given_pairs == NULL) {
        return finish(bucket,
                      store_fail(store_of(bucket), "get-many", NULL, NULL, STATUS_NO_MEMORY, NULL));
    }
    for (size_t i = 0; i < count; i++) {
        const struct slot *slot = &given.slots.slots[i];
        given_pairs[i] = (struct pair_slot){slot->pair.key, slot->found, slot->pair.value};
    }
    answer.pair_slots.slots = given_pairs;
    answer.pair_slots.count = count;
    return &answer;
}

EXPORT("cabi_post_" DRAFT2_BATCH "#get-many", void, draft2_after_get_many, const void *taken)
{
    (void)taken;
    free(given_pairs);
    given_pairs = NULL;
    take_back();
}
