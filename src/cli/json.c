#include "json.h"

#include "core/hex.h"
#include "core/utf8.h"

void json_string(struct output *output, struct bytes text)
{
    size_t start = 0;
    print_text(output, "\"");
    for (size_t at = 0; at < text.size; at++) {
        uint8_t byte = text.data[at];
        if (byte >= 0x20 && byte != '"' && byte != '\\') {
            continue;
        }
        output->write(output, (struct bytes){text.data + start, at - start});
        start = at + 1;
        if (byte < 0x20) {
            uint8_t escape[6] = {'\\', 'u', '0', '0', hex_digit(byte >> 4), hex_digit(byte & 15)};
            output->write(output, (struct bytes){escape, sizeof escape});
        } else {
            uint8_t escape[2] = {'\\', byte};
            output->write(output, (struct bytes){escape, sizeof escape});
        }
    }
    output->write(output, (struct bytes){text.data + start, text.size - start});
    print_text(output, "\"");
}

static void json_base64(struct output *output, struct bytes bytes)
{
    static const uint8_t digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    print_text(output, "{\"base64\": \"");
    for (size_t at = 0; at < bytes.size; at += 3) {
        size_t left = bytes.size - at;
        uint32_t bits = (uint32_t)bytes.data[at] << 16;
        bits |= left > 1 ? (uint32_t)bytes.data[at + 1] << 8 : 0;
        bits |= left > 2 ? bytes.data[at + 2] : 0;
        uint8_t group[4] = {digits[bits >> 18], digits[bits >> 12 & 63],
                            left > 1 ? digits[bits >> 6 & 63] : '=',
                            left > 2 ? digits[bits & 63] : '='};
        output->write(output, (struct bytes){group, sizeof group});
    }
    print_text(output, "\"}");
}

void json_value(struct output *output, bool found, struct bytes value)
{
    if (!found) {
        print_text(output, "null");
    } else if (utf8_valid(value)) {
        json_string(output, value);
    } else {
        json_base64(output, value);
    }
}
