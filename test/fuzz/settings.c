// An environment variable is applied or refused, in one line that fits its room, and
// a refused one changes nothing.
#include "core/settings.h"
#include "fuzz.h"

#include <stdlib.h>

static void check_message(const struct message *message, size_t room)
{
    MUST(message->size <= room);
    for (size_t i = 0; i < message->size; i++) {
        MUST((unsigned char)message->text[i] >= ' ');
    }
}

static bool same(const struct settings *a, const struct settings *b)
{
    return a->create_buckets == b->create_buckets && a->durable == b->durable &&
           a->names == b->names &&
           bytes_equal((struct bytes){a->root, a->root_size},
                       (struct bytes){b->root, b->root_size});
}

void fuzz_settings(struct bytes input)
{
    size_t room = fuzz_byte(&input);
    struct settings settings = {.create_buckets = false};
    while (input.size > 0) {
        static const struct bytes names[] = {
            {(const uint8_t *)"KEYVALUE_FILESYSTEM_ROOT", 24},
            {(const uint8_t *)"KEYVALUE_FILESYSTEM_CREATE_BUCKETS", 34},
            {(const uint8_t *)"KEYVALUE_FILESYSTEM_DURABLE", 27},
            {(const uint8_t *)"KEYVALUE_FILESYSTEM_NAMES", 25},
        };
        uint8_t which = fuzz_byte(&input);
        struct bytes name = which < 4 ? names[which] : fuzz_take(&input, which);
        struct bytes value = fuzz_take(&input, (size_t)fuzz_byte(&input) * 3);
        char *text = malloc(room); // from the heap, for the sanitizer
        MUST(text != NULL || room == 0);
        struct message why = {text, room, 0};
        struct settings before = settings;
        enum status status = settings_apply(&settings, name, value, &why);
        check_message(&why, room);
        if (status == STATUS_OK) {
            MUST(why.size == 0 && settings.root_size <= root_bytes_max);
            MUST(which != 0 || value.size == 0 ||
                 bytes_equal(value, (struct bytes){settings.root, settings.root_size}));
        } else {
            MUST(status == STATUS_BAD_SETTING && (why.size > 0 || room == 0));
            MUST(same(&before, &settings));
        }
        free(text);
    }
}
