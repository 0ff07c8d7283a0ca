#include "change.h"

#include "core/hex.h"
#include "core/utf8.h"
#include "kind.h"

static const char meanwhile[] =
    "Someone else has changed this value since you opened it. Nothing was done.";

// ---- Fields ----

static struct bytes field(const struct upload *upload, const char *name)
{
    struct bytes content = BYTES("");
    (void)upload_get(upload, name, &content); // an absent field counts as an empty one
    return content;
}

// The form's key: from the address, from the field, or the name of the uploaded file.
static bool key_of(const struct place *place, const struct upload *upload, struct bytes *key,
                   struct failure *failure)
{
    *key = place->key != NULL ? *place->key : field(upload, "key");
    if (place->key == NULL && key->size == 0) {
        *key = upload_file(upload, "file");
    }
    return utf8_valid(*key) || fail(failure, 400, "The key is not UTF-8.");
}

// A browser sends each line break as CR LF. The value gets LF, unless it had CR LF before.
static struct bytes text_of(struct upload *upload)
{
    struct bytes sent = field(upload, "text");
    if (field(upload, "returns").size > 0 || sent.size == 0) {
        return sent;
    }
    uint8_t *text = upload->bytes + (sent.data - upload->bytes);
    size_t size = 0;
    for (size_t at = 0; at < sent.size; at++) {
        if (text[at] != '\r' || at + 1 == sent.size || text[at + 1] != '\n') {
            text[size++] = text[at];
        }
    }
    return (struct bytes){text, size};
}

static bool number_of(struct bytes text, uint64_t *number)
{
    uint64_t read = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned digit = (unsigned)text.data[i] - '0';
        if (digit > 9 || read > (UINT64_MAX - digit) / 10) {
            return false;
        }
        read = read * 10 + digit;
    }
    *number = read;
    return text.size > 0;
}

// True if the value is still the one that the form was made from.
static bool is_as_seen(const struct upload *upload, const struct value *now)
{
    struct bytes seen = field(upload, "seen");
    uint64_t hash;
    if (!now->found) {
        return bytes_equal(seen, BYTES("absent"));
    }
    return hex_read_u64(seen.data, seen.size, &hash) && hash == kind_hash(now->bytes);
}

// ---- Changes ----

static enum change_end set(const struct bucket *bucket, struct upload *upload,
                           struct change *change, struct failure *failure)
{
    bool has_file = upload_file(upload, "file").size > 0;
    struct bytes value = has_file ? field(upload, "file") : text_of(upload);
    if (!store_get(bucket, change->key, &change->now, failure)) {
        return CHANGE_FAILED;
    }
    if (!is_as_seen(upload, &change->now)) {
        change->text = value;
        change->is_new = bytes_equal(field(upload, "seen"), BYTES("absent"));
        if (!has_file) {
            return CHANGE_CONFLICT;
        }
        fail(failure, 409,
             change->is_new ? "A key with that name already exists. Open it to replace its value."
                            : meanwhile);
        return CHANGE_FAILED;
    }
    change->done = change->now.found ? "saved" : "created";
    return store_set(bucket, change->key, value, failure) ? CHANGE_DONE : CHANGE_FAILED;
}

// Reads the value again; false if it has changed since the form was made.
static bool check_seen(const struct bucket *bucket, const struct upload *upload, struct bytes key,
                       struct value *value, struct failure *failure)
{
    store_free(value);
    return store_get(bucket, key, value, failure) &&
           (is_as_seen(upload, value) || fail(failure, 409, meanwhile));
}

static bool rename_key(const struct bucket *bucket, const struct upload *upload,
                       struct change *change, struct failure *failure)
{
    struct bytes from = change->key;
    struct bytes to = field(upload, "to");
    change->done = "renamed";
    if (!utf8_valid(to)) {
        return fail(failure, 400, "The new name is not UTF-8.");
    }
    if (bytes_equal(from, to)) {
        return true;
    }
    bool exists;
    if (!check_seen(bucket, upload, from, &change->now, failure) ||
        !store_exists(bucket, to, &exists, failure)) {
        return false;
    }
    if (exists) {
        return fail(failure, 409, "A key with that name already exists. Nothing was done.");
    }
    if (!change->now.found) {
        return fail(failure, 404, "The key no longer exists.");
    }
    if (!store_set(bucket, to, change->now.bytes, failure)) {
        return false;
    }
    if (!check_seen(bucket, upload, from, &change->now, failure)) {
        return fail(
            failure, 409,
            "Someone else changed the value during the rename. Both keys exist now; the old one "
            "has the newer value.");
    }
    change->key = to;
    return store_delete(bucket, from, failure);
}

static bool delete_key(const struct bucket *bucket, const struct upload *upload,
                       struct change *change, struct failure *failure)
{
    change->done = "deleted";
    change->has_key = false;
    return check_seen(bucket, upload, change->key, &change->now, failure) &&
           store_delete(bucket, change->key, failure);
}

static bool increment(const struct bucket *bucket, const struct upload *upload,
                      struct change *change, struct failure *failure)
{
    change->done = "counted";
    uint64_t delta;
    return (number_of(field(upload, "delta"), &delta) ||
            fail(failure, 400, "The number to add must be a whole number, not negative.")) &&
           store_increment(bucket, change->key, delta, failure);
}

bool change_known(struct bytes route)
{
    return bytes_equal(route, BYTES("set")) || bytes_equal(route, BYTES("rename")) ||
           bytes_equal(route, BYTES("delete")) || bytes_equal(route, BYTES("increment"));
}

enum change_end change_make(struct bytes route, const struct place *place,
                            const struct bucket *bucket, struct upload *upload,
                            struct change *change, struct failure *failure)
{
    *change = (struct change){.has_key = true};
    if (!key_of(place, upload, &change->key, failure)) {
        return CHANGE_FAILED;
    }
    if (bytes_equal(route, BYTES("set"))) {
        return set(bucket, upload, change, failure);
    }
    bool done = bytes_equal(route, BYTES("rename"))   ? rename_key(bucket, upload, change, failure)
                : bytes_equal(route, BYTES("delete")) ? delete_key(bucket, upload, change, failure)
                                                      : increment(bucket, upload, change, failure);
    return done ? CHANGE_DONE : CHANGE_FAILED;
}
