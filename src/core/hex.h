// hex.h: hex digits.
#ifndef HEX_H
#define HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The upper-case digit of a value below 16.
static inline uint8_t hex_digit(unsigned value)
{
    return (uint8_t)(value < 10 ? '0' + value : 'A' + value - 10);
}

// The value of an upper-case digit; over 15 if it is none.
static inline unsigned hex_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9') {
        return (unsigned)(digit - '0');
    }
    return digit >= 'A' && digit <= 'F' ? (unsigned)(digit - 'A' + 10) : 16;
}

// Writes 16 digits.
static inline void hex_write_u64(uint64_t value, uint8_t digits[16])
{
    for (int i = 15; i >= 0; i--) {
        digits[i] = hex_digit((unsigned)(value & 15));
        value >>= 4;
    }
}

// Reads exactly 16 digits; false if there are others.
static inline bool hex_read_u64(const uint8_t *digits, size_t size, uint64_t *value)
{
    uint64_t read = 0;
    for (size_t i = 0; i < size && i < 16; i++) {
        unsigned digit = hex_value(digits[i]);
        if (digit > 15) {
            return false;
        }
        read = read << 4 | digit;
    }
    *value = read;
    return size == 16;
}

#endif
