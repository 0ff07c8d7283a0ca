// fuzz.h: what must hold for any bytes. Each target takes one input and ends the
// process where something does not hold.
//
// With clang, libFuzzer calls one target (FUZZ_TARGET) through fuzz.c; without it,
// replay.c calls all of them on the inputs under corpus/.
#ifndef FUZZ_H
#define FUZZ_H

#include "core/bytes.h"

void fuzz_archive(struct bytes input);
void fuzz_counter(struct bytes input);
void fuzz_cursor(struct bytes input);
void fuzz_name(struct bytes input);
void fuzz_page(struct bytes input);
void fuzz_settings(struct bytes input);
void fuzz_store(struct bytes input);

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fuzz_fail(__FILE__, __LINE__, #condition);                                             \
        }                                                                                          \
    } while (0)

_Noreturn void fuzz_fail(const char *file, int line, const char *what);

// Takes up to `size` bytes off the input's front.
struct bytes fuzz_take(struct bytes *input, size_t size);

// Takes a byte, 0 where the input is used up.
uint8_t fuzz_byte(struct bytes *input);

// Takes 8 bytes, little-endian.
uint64_t fuzz_u64(struct bytes *input);

#endif
