// Replays inputs without libFuzzer:
//
//   replay corpus       every input in corpus/<target>/
//   replay TARGET FILE  one, as a failure names it
//
// Each input has a process of its own, so that one that crashes or hangs fails alone.
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    hang_seconds = 60, // far beyond what any input takes
    path_room = 4096,
    input_bytes_max = 1 << 20,
};

struct target {
    const char *name;
    void (*run)(struct bytes input);
};

static const struct target targets[] = {
    {"archive", fuzz_archive}, {"counter", fuzz_counter}, {"cursor", fuzz_cursor},
    {"name", fuzz_name},       {"page", fuzz_page},       {"settings", fuzz_settings},
    {"store", fuzz_store},
};

enum { target_count = sizeof targets / sizeof targets[0] };

static const char *program;
static unsigned passed;
static unsigned failed;

static void run_file(const struct target *target, const char *path)
{
    uint8_t *room = malloc(input_bytes_max);
    FILE *file = fopen(path, "rb");
    if (file == NULL || room == NULL) {
        perror(path);
        exit(1);
    }
    size_t size = fread(room, 1, input_bytes_max, file);
    fclose(file);
    uint8_t *exact = malloc(size); // so that the sanitizer sees a read beyond the end
    memcpy(exact, room, size);
    free(room);
    target->run((struct bytes){exact, size});
    free(exact);
}

static void replay(const struct target *target, const char *path)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(hang_seconds);
        run_file(target, path);
        exit(0); // where the sanitizer looks for leaks
    }
    int status;
    if (child > 0 && waitpid(child, &status, 0) == child && status == 0) {
        passed++;
        return;
    }
    failed++;
    printf("FAILED %s %s; replay: %s %s %s\n", target->name, path, program, target->name, path);
}

static void replay_directory(const struct target *target, const char *corpus)
{
    char directory[path_room];
    snprintf(directory, sizeof directory, "%s/%s", corpus, target->name);
    DIR *stream = opendir(directory);
    if (stream == NULL) {
        perror(directory);
        failed++;
        return;
    }
    for (const struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
        if (entry->d_name[0] != '.') {
            char path[2 * path_room];
            snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
            replay(target, path);
        }
    }
    closedir(stream);
}

int main(int argc, char **argv)
{
    program = argv[0];
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: replay CORPUS | TARGET FILE\n");
        return 2;
    }
    for (size_t i = 0; i < target_count; i++) {
        if (argc == 2) {
            replay_directory(&targets[i], argv[1]);
        } else if (strcmp(argv[1], targets[i].name) == 0) {
            replay(&targets[i], argv[2]);
        }
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0 || passed == 0 ? 1 : 0;
}
