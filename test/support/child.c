#include "child.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { open_files_max = 16 };

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *place)
{
    (void)found;
    (void)kind;
    (void)place;
    return remove(path);
}

bool child_passes(const char *parent, unsigned seconds,
                  void (*run)(const void *context, const char *name), const void *context)
{
    char directory[512];
    int start = snprintf(directory, sizeof directory, "%s/", parent);
    snprintf(directory + start, sizeof directory - (size_t)start, "keyvalue-XXXXXX");
    if (mkdtemp(directory) == NULL) {
        perror(directory);
        return false;
    }
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        alarm(seconds);
        if (chdir(directory) != 0) {
            perror(directory);
            exit(1);
        }
        run(context, directory + start);
        exit(0); // where the sanitizer looks for leaks, and fails the test if there are
    }
    int status = -1;
    bool passed = child > 0 && waitpid(child, &status, 0) == child && status == 0;
    if (child > 0) {
        kill(-child, SIGKILL); // what a test that failed has left running
    }
    if (child > 0 && WIFSIGNALED(status)) {
        printf("  ended by signal %d%s\n", WTERMSIG(status),
               WTERMSIG(status) == SIGALRM ? ": it hangs" : "");
    }
    if (nftw(directory, remove_one, open_files_max, FTW_DEPTH | FTW_PHYS) != 0) {
        perror(directory);
        passed = false;
    }
    return passed;
}
