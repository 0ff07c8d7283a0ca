// contract: what every port must do (test/port/contract.h), over the simulated disk in
// each of its moods. So what is proved on it is true of the others, as far as that shows.
//
// A mood that stands for a host beyond the contract (the turn works there too, and is
// proved there) must fail exactly the tests of what it does otherwise.
//
//   contract          all tests in all moods
#include "../port/contract.h"
#include "port.h"
#include "support/allocation.h"

#include <stdio.h>
#include <stdlib.h>

enum { contract_entries = 60 };

static struct disk disk;
static struct sim_port view;

static void put_link(const char *name, disk_inode target)
{
    disk_inode link = disk_make(&disk, PORT_SYMLINK);
    disk.inodes[link].target = target;
    disk_set(&disk, disk_root, (struct bytes){(const uint8_t *)name, strlen(name)}, link);
}

static void make_fixture(unsigned mood)
{
    disk_init(&disk);
    disk.mood = disk_mood_of(mood);
    disk.ticks = disk.recycles = true;
    disk_inode file = disk_put(&disk, "file", "12345");
    disk_inode directory = disk_put(&disk, "directory", NULL);
    disk_put(&disk, "directory/inside", "inside");
    disk_put(&disk, "odd", NULL);
    disk_put(&disk, "odd/a", "");
    put_link("link", file);
    put_link("directory-link", directory);
    put_link("dangling", 0);
    put_link("loop", 0);
    disk.inodes[disk_at(&disk, "loop")].target = disk_at(&disk, "loop");
    sim_port_init(&view, &disk, 1, mood);
}

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names != NULL && strcmp(name, *names) != 0) {
        names++;
    }
    return *names != NULL;
}

// True if the mood does otherwise what the test is about.
static bool deviates(const struct disk_mood *mood, const char *name)
{
    static const char *const lost[] = {"a removed directory", "a replaced directory", NULL};
    static const char *const files[] = {"write under way", "an open file stays", NULL};
    static const char *const full[] = {"rename over a full directory", "remove a directory", NULL};
    static const char *const empty[] = {"rename over a full directory", "rename a directory",
                                        "a replaced directory", NULL};
    bool other_words = mood->not_empty == STATUS_ACCESS || mood->not_empty == STATUS_IO;
    return (mood->lost != STATUS_OK && is_one_of(name, lost)) ||
           (mood->loses_files && is_one_of(name, files)) ||
           (other_words && is_one_of(name, full)) ||
           (mood->no_replace != STATUS_OK && is_one_of(name, empty));
}

static bool run(const struct contract_test *test, unsigned mood)
{
    make_fixture(mood);
    static struct contract contract;
    contract = (struct contract){.port = &view.port,
                                 .has = contract_links | contract_inodes,
                                 .file_bytes = disk_content_max,
                                 .entries = contract_entries};
    test->run(&contract);
    bool passed = contract.failure_size == 0 && view.open_handles == 0;
    if (passed == !deviates(&disk.mood, test->name)) {
        return true;
    }
    printf("FAILED: %s on %s: %.*s\n", test->name, disk_mood_name(mood),
           passed ? 30 : (int)contract.failure_size,
           passed ? "passes, though it should not  " : contract.failure);
    return false;
}

int main(void)
{
    static struct allocation_owner memory;
    allocation_switch(&memory);
    unsigned passed = 0, failed = 0;
    for (unsigned mood = 0; mood < disk_moods; mood++) {
        for (size_t i = 0; contract_test_at(i) != NULL; i++) {
            bool good = run(contract_test_at(i), mood);
            passed += good;
            failed += !good;
        }
    }
    printf("the contract of every port, in %u moods\n%u passed, %u failed\n", (unsigned)disk_moods,
           passed, failed);
    return failed > 0;
}
