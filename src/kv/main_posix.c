// The native program's start.
#include "program.h"

#include <stdlib.h>

int main(int count, char **arguments)
{
    size_t word_count = count > 1 ? (size_t)count - 1 : 0;
    struct bytes *words = calloc(word_count + 1, sizeof *words);
    if (words == NULL) {
        return COMMAND_FAILED;
    }
    for (size_t i = 0; i < word_count; i++) {
        words[i] = (struct bytes){(const uint8_t *)arguments[i + 1], strlen(arguments[i + 1])};
    }
    int code = program_run(words, word_count);
    free(words);
    return code;
}
