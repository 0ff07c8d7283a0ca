// native.c: the contract over the POSIX port, on the file system of a directory.
//
//     build/native/contract [DIRECTORY [OTHER]]      the current one if none is given
//
// Each test gets a directory of its own below that, which is removed again. OTHER is
// the same directory through another mount: then the calls take turns, one goes
// through the one mount and the next through the other.
#include "contract.h"
#include "posix/port.h"
#include "support/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { hang_seconds = 300 };

static bool make_file(const char *path, const char *content)
{
    FILE *file = fopen(path, "w");
    return file != NULL && fputs(content, file) >= 0 && fclose(file) == 0;
}

static bool make_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int made = socket(AF_UNIX, SOCK_STREAM, 0);
    bool bound = made >= 0 && bind(made, (struct sockaddr *)&address, sizeof address) == 0;
    return made >= 0 && close(made) == 0 && bound;
}

// ---- Two mounts ----

static struct posix_port posix;
static int roots[2];                       // the test's directory through each mount
static const struct port_calls *one_mount; // the calls of the port itself

// The next call goes through the other mount, or through the first, where directories are
// opened, if it is about one of these: no rename leads from one mount to another.
static void take_turns(struct place place)
{
    bool first = place.directory != port_root || posix.root == roots[1];
    posix.root = roots[first ? 0 : 1];
}

static enum status turn_stat(struct port *port, struct place place, bool follow,
                             struct port_stat *stat)
{
    take_turns(place);
    return one_mount->stat(port, place, follow, stat);
}

static enum status turn_open(struct port *port, struct place place, enum port_mode mode,
                             port_handle *file)
{
    take_turns(place);
    if (mode == PORT_LIST) {
        posix.root = roots[0];
    }
    return one_mount->open(port, place, mode, file);
}

static enum status turn_make_directory(struct port *port, struct place place)
{
    take_turns(place);
    return one_mount->make_directory(port, place);
}

static enum status turn_remove_directory(struct port *port, struct place place)
{
    take_turns(place);
    return one_mount->remove_directory(port, place);
}

static enum status turn_remove_file(struct port *port, struct place place)
{
    take_turns(place);
    return one_mount->remove_file(port, place);
}

static enum status turn_rename(struct port *port, struct place from, struct place to)
{
    take_turns(from.directory != port_root ? from : to);
    return one_mount->rename(port, from, to);
}

// The test's directory, which is the current one, through `parent` as well.
static bool use_two_mounts(const char *parent, const char *name)
{
    static struct port_calls calls;
    char path[512];
    snprintf(path, sizeof path, "%s/%s", parent, name);
    roots[0] = posix.root;
    roots[1] = open(path, O_RDONLY | O_DIRECTORY);
    one_mount = posix.port.calls;
    calls = *one_mount;
    calls.stat = turn_stat;
    calls.open = turn_open;
    calls.make_directory = turn_make_directory;
    calls.remove_directory = turn_remove_directory;
    calls.remove_file = turn_remove_file;
    calls.rename = turn_rename;
    posix.port.calls = &calls;
    return roots[1] >= 0;
}

// ---- A test ----

// Makes the fixture in the current directory; what it has, or nothing at all.
static bool make_fixture(unsigned *has)
{
    bool made = make_file("file", "12345") && mkdir("directory", 0777) == 0 &&
                make_file("directory/inside", "inside") && mkdir("odd", 0777) == 0 &&
                make_file("odd/a", "");
    *has = contract_times | contract_inodes;
    if (symlink("file", "link") == 0) {
        *has |= contract_links;
        made = made && symlink("directory", "directory-link") == 0 &&
               symlink("nowhere", "dangling") == 0 && symlink("loop", "loop") == 0;
    }
    *has |= mkfifo("pipe", 0666) == 0 ? contract_pipes : 0;
    *has |= make_socket("socket") ? contract_sockets : 0;
    *has |= make_file("odd/\xFF", "") ? contract_raw_names : 0;
    return made;
}

// One test, and where it runs.
struct run {
    const struct contract_test *test;
    const char *other; // the directory's other mount; NULL: there is none
};

// The child's part, in a directory of this name. It ends the process with 0 if the test
// passed.
static void run_here(const void *context, const char *name)
{
    const struct run *run = context;
    static struct contract contract = {
        .file_bytes = contract_bytes_max,
        .name_bytes = 255,
        .entries = contract_entries_max,
    };
    if (!make_fixture(&contract.has) || posix_port_init(&posix, ".") != STATUS_OK ||
        (run->other != NULL && !use_two_mounts(run->other, name))) {
        perror("the fixture");
        exit(1);
    }
    if (run->other != NULL) {
        contract.has &=
            ~(unsigned)contract_inodes; // the one mount does not hear of the other's renames
    }
    contract.port = &posix.port;
    run->test->run(&contract);
    if (contract.failure_size > 0) {
        printf("  %.*s\n", (int)contract.failure_size, contract.failure);
    } else if (posix.open_handles != 0) {
        printf("  %d handles are left open\n", (int)posix.open_handles);
    }
    fflush(stdout);
    bool passed = contract.failure_size == 0 && posix.open_handles == 0;
    posix_port_free(&posix);
    exit(passed ? 0 : 1);
}

int main(int argc, char **argv)
{
    unsigned passed = 0;
    unsigned failed = 0;
    for (size_t i = 0; contract_test_at(i) != NULL; i++) {
        struct run run = {contract_test_at(i), argc > 2 ? argv[2] : NULL};
        bool good = child_passes(argc > 1 ? argv[1] : ".", hang_seconds, run_here, &run);
        printf("%s %s\n", good ? "ok" : "FAILED", run.test->name);
        *(good ? &passed : &failed) += 1;
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0 || passed == 0 ? 1 : 0;
}
