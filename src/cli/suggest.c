#include "suggest.h"

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t distance(struct bytes a, struct bytes b)
{
    // rows[i % 3][j]: of the first i bytes of `a` to the first j of `b`.
    uint8_t rows[3][suggest_bytes_max + 1];
    if (a.size > suggest_bytes_max || b.size > suggest_bytes_max) {
        return suggest_bytes_max;
    }
    for (size_t i = 0; i <= a.size; i++) {
        for (size_t j = 0; j <= b.size; j++) {
            size_t steps = i + j;
            if (i > 0 && j > 0) {
                bool same = a.data[i - 1] == b.data[j - 1];
                steps = rows[(i - 1) % 3][j - 1] + (same ? 0u : 1u);
                steps = least(steps, rows[(i - 1) % 3][j] + 1u);
                steps = least(steps, rows[i % 3][j - 1] + 1u);
            }
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] &&
                a.data[i - 2] == b.data[j - 1]) {
                steps = least(steps, rows[(i - 2) % 3][j - 2] + 1u);
            }
            rows[i % 3][j] = (uint8_t)steps;
        }
    }
    return rows[a.size % 3][b.size];
}

size_t suggest_distance(struct bytes typed, struct bytes meant)
{
    bool begins = typed.size >= 2 && typed.size < meant.size &&
                  bytes_equal((struct bytes){meant.data, typed.size}, typed);
    size_t allowed = meant.size < 5 ? 1 : 2;
    size_t steps = begins ? 1 : distance(typed, meant);
    return steps <= allowed ? steps : suggest_bytes_max;
}
