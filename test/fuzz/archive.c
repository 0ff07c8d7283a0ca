// A stream is read alike however it is cut into pieces, takes no more memory than
// its bytes are worth, and if it is taken, then the writer gives it back byte for
// byte. What the writer made is taken; with one byte changed, or cut, it is not, and
// the keys given before that are those that were written.
#include "archive.h"
#include "fuzz.h"

#include <stdlib.h>

enum {
    keys_max = 16,
    made_bytes_max = 16384,
};

// Where a writer's stream goes, and where what a reader gives is written again.
struct made {
    struct output output;
    size_t size;
    uint8_t bytes[made_bytes_max];
};

static void make(struct output *output, struct bytes bytes)
{
    struct made *made = (struct made *)output;
    MUST(bytes.size <= sizeof made->bytes - made->size);
    if (bytes.size > 0) {
        memcpy(made->bytes + made->size, bytes.data, bytes.size);
        made->size += bytes.size;
    }
}

static struct bytes made_bytes(const struct made *made)
{
    return (struct bytes){made->bytes, made->size};
}

// Reads the stream in pieces of `step` bytes and writes again what it gives; true
// if it is taken.
static bool read_again(struct bytes stream, size_t step, bool all, struct made *again)
{
    struct archive_reader reader = {.takes_all = all};
    struct archive_writer writer;
    *again = (struct made){.output = {.write = make}};
    size_t given = 0;
    enum archive_event event = ARCHIVE_HUNGRY;
    while (stream.size > 0 && event != ARCHIVE_WRONG) {
        struct bytes piece = fuzz_take(&stream, step);
        given += piece.size;
        event = ARCHIVE_BEGUN;
        while (event != ARCHIVE_HUNGRY && event != ARCHIVE_WRONG) {
            event = archive_read(&reader, &piece);
            MUST(reader.room <= 2 * given + archive_step_bytes);
            MUST(event != ARCHIVE_NO_MEMORY);
            if (event == ARCHIVE_BEGUN && all) {
                archive_begin_all(&writer, &again->output);
            } else if (event == ARCHIVE_BEGUN) {
                archive_begin(&writer, &again->output);
            } else if (event == ARCHIVE_BUCKET) {
                MUST(all);
                archive_bucket(&writer, archive_key(&reader));
            } else if (event == ARCHIVE_KEY) {
                archive_add(&writer, archive_key(&reader), archive_value(&reader));
            } else if (event == ARCHIVE_ENDED) {
                archive_end(&writer);
            }
        }
        MUST(reader.at + piece.size == given);
    }
    if (event != ARCHIVE_WRONG) {
        event = archive_cut(&reader);
    }
    MUST(event == ARCHIVE_ENDED || (event == ARCHIVE_WRONG && reader.wrong != NULL));
    archive_free(&reader);
    return event == ARCHIVE_ENDED;
}

static bool begins_with(struct bytes bytes, struct bytes start)
{
    return start.size <= bytes.size && bytes_equal((struct bytes){bytes.data, start.size}, start);
}

static void check_any(struct bytes stream, size_t step, bool all)
{
    static struct made whole;
    static struct made pieces;
    if (stream.size > made_bytes_max) {
        return;
    }
    bool taken = read_again(stream, SIZE_MAX, all, &whole);
    MUST(taken == read_again(stream, step, all, &pieces));
    MUST(bytes_equal(made_bytes(&whole), made_bytes(&pieces)));
    MUST(begins_with(stream, made_bytes(&whole)));
    MUST(!taken || whole.size == stream.size);
}

// Any bytes that are UTF-8: a key that is not is the other check's matter.
static struct bytes make_name(struct bytes *input, uint8_t name[256])
{
    size_t size = fuzz_byte(input);
    for (size_t at = 0; at < size; at++) {
        name[at] = fuzz_byte(input) & 0x7F;
    }
    return (struct bytes){name, size};
}

static void check_made(struct bytes input, size_t step, bool all)
{
    static struct made made;
    static struct made again;
    struct archive_writer writer;
    uint64_t damage = fuzz_u64(&input);
    uint8_t change = fuzz_byte(&input);
    made = (struct made){.output = {.write = make}};
    if (all) {
        archive_begin_all(&writer, &made.output);
    } else {
        archive_begin(&writer, &made.output);
    }
    for (unsigned i = 0; i < keys_max && input.size > 0; i++) {
        uint8_t name[256];
        if (all && (i == 0 || (fuzz_byte(&input) & 3) == 0)) {
            archive_bucket(&writer, make_name(&input, name));
        }
        struct bytes key = make_name(&input, name);
        archive_add(&writer, key, fuzz_take(&input, fuzz_byte(&input)));
    }
    archive_end(&writer);
    MUST(read_again(made_bytes(&made), step, all, &again));
    MUST(bytes_equal(made_bytes(&made), made_bytes(&again)));

    size_t at = damage % made.size;
    if (change == 0) {
        MUST(!read_again((struct bytes){made.bytes, at}, step, all, &again));
    } else {
        made.bytes[at] ^= change;
        MUST(!read_again(made_bytes(&made), step, all, &again));
        made.bytes[at] ^= change;
    }
    MUST(begins_with(made_bytes(&made), made_bytes(&again)));
}

void fuzz_archive(struct bytes input)
{
    uint8_t flags = fuzz_byte(&input);
    bool all = flags >> 7;
    size_t step = 1 + (flags >> 1 & 63);
    if (flags & 1) {
        check_made(input, step, all);
    } else {
        check_any(input, step, all);
    }
}
