#include "utf8.h"

size_t utf8_size(struct bytes bytes)
{
    uint8_t first = bytes.data[0];
    if (first < 0x80) {
        return 1;
    }
    size_t size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first < 0xC2 || first > 0xF4 || bytes.size < size) {
        return 0;
    }
    for (size_t i = 1; i < size; i++) {
        if ((bytes.data[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    uint8_t second = bytes.data[1];
    bool refused = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                   (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
    return refused ? 0 : size;
}

bool utf8_valid(struct bytes bytes)
{
    for (size_t at = 0; at < bytes.size;) {
        if (bytes.data[at] < 0x80) {
            at++; // nearly every byte of nearly every name
            continue;
        }
        size_t size = utf8_size((struct bytes){bytes.data + at, bytes.size - at});
        if (size == 0) {
            return false;
        }
        at += size;
    }
    return true;
}
