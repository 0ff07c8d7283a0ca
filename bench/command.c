#define _POSIX_C_SOURCE 200809L

#include "command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

uint64_t command_now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time); // it is always there
    return (uint64_t)time.tv_sec * 1000 * 1000 * 1000 + (uint64_t)time.tv_nsec;
}

int command_run(const struct side *side, int argument_count, char **arguments)
{
    if (argument_count != 6) {
        (void)fprintf(stderr, "usage: %s DIRECTORY CASE SIZE COUNT TURNS\n", arguments[0]);
        return 2;
    }
    struct order order = {
        .name = {(const uint8_t *)arguments[2], strlen(arguments[2])},
        .size = (uint32_t)strtoul(arguments[3], NULL, 10),
        .count = (uint32_t)strtoul(arguments[4], NULL, 10),
        .turns = (uint32_t)strtoul(arguments[5], NULL, 10),
    };
    uint64_t nanoseconds;
    if (!case_run(side, &order, &nanoseconds)) {
        (void)fprintf(stderr, "%s: the operation failed, or there is no such case\n", arguments[2]);
        return 1;
    }
    return printf("%" PRIu64 "\n", nanoseconds) > 0 ? 0 : 1;
}
