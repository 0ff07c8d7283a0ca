// A disk whose syncs take longer, for programs that are linked dynamically:
//
//   SLOW_SYNC_MS=30 LD_PRELOAD=build/processes/slow_sync.so PROGRAM
//
// A sync takes that long and does nothing: what is measured is how writers get on
// beside each other, not what survives.
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int wait_as_told(void)
{
    enum { per_second = 1000, nanoseconds = 1000000, ten = 10 };
    const char *text = getenv("SLOW_SYNC_MS");
    long milliseconds = text != NULL ? strtol(text, NULL, ten) : 0;
    struct timespec left = {milliseconds / per_second, milliseconds % per_second * nanoseconds};
    while (nanosleep(&left, &left) != 0) {
    }
    return 0;
}

int fsync(int file)
{
    (void)file;
    return wait_as_told();
}

int fdatasync(int file)
{
    (void)file;
    return wait_as_told();
}
