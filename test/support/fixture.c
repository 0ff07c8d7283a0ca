#include "fixture.h"

#include "allocation.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void fixture_start(struct fixture *fixture)
{
    if (!file_exists("b")) {
        directory_make("b");
    }
    CHECK_STATUS(STATUS_OK, posix_port_init(&fixture->posix, "."));
    fixture->posix.random_state = test_random();
    port_watch_init(&fixture->watch, &fixture->posix.port);
    store_init(&fixture->store, &fixture->watch.port);
    CHECK_STATUS(STATUS_OK, store_open(&fixture->store, BYTES("b"), &fixture->bucket));
}

void fixture_end(struct fixture *fixture)
{
    store_close(fixture->bucket);
    store_free(&fixture->store);
    CHECK_NUMBER(0, fixture->posix.open_handles);
    posix_port_free(&fixture->posix);
}

void check_handles(const struct fixture *fixture)
{
    CHECK_NUMBER(fixture->store.kept != NULL ? 1 : 0, fixture->posix.open_handles);
}

static void key_file(const char *key, char *path, size_t room)
{
    uint8_t file[name_bytes_max];
    size_t size;
    CHECK_STATUS(STATUS_OK, name_encode(NAMES_PLAIN, text(key), file, &size));
    snprintf(path, room, "b/%.*s", (int)size, (const char *)file);
}

void check_value(struct fixture *fixture, const char *key, struct bytes expected)
{
    char path[300];
    key_file(key, path, sizeof path);
    file_check(path, expected);
    bool found = false;
    struct buffer value = {NULL, 0};
    CHECK_STATUS(STATUS_OK, store_get(fixture->bucket, text(key), &found, &value));
    CHECK(found);
    CHECK_BYTES(expected, buffer_bytes(&value));
    buffer_free(&value);
    found = false;
    CHECK_STATUS(STATUS_OK, store_exists(fixture->bucket, text(key), &found));
    CHECK(found);
}

void check_absent(struct fixture *fixture, const char *key)
{
    bool found = true;
    struct buffer value = {NULL, 0};
    CHECK_STATUS(STATUS_OK, store_get(fixture->bucket, text(key), &found, &value));
    CHECK(!found);
    found = true;
    CHECK_STATUS(STATUS_OK, store_exists(fixture->bucket, text(key), &found));
    CHECK(!found);
}

void check_message(const struct fixture *fixture, const char *part)
{
    char message[store_message_bytes_max + 1];
    size_t size = fixture->store.message_size;
    CHECK(size > 0 && size <= store_message_bytes_max);
    memcpy(message, fixture->store.message, size);
    message[size] = '\0';
    if (strstr(message, part) == NULL) {
        char what[3 * store_message_bytes_max];
        snprintf(what, sizeof what, "the message \"%s\" does not tell \"%s\"", message, part);
        test_fail(__FILE__, __LINE__, what);
    }
}

void file_write(const char *path, struct bytes content)
{
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    CHECK(fwrite(content.data, 1, content.size, file) == content.size);
    CHECK(fclose(file) == 0);
}

struct buffer file_read(const char *path)
{
    int file = open(path, O_RDONLY | O_NOFOLLOW);
    CHECK(file >= 0);
    struct stat found;
    CHECK(fstat(file, &found) == 0);
    size_t size = (size_t)found.st_size;
    uint8_t *data = allocation_malloc(size + 1); // as the core has it, which frees it
    CHECK(data != NULL);
    size_t total = 0;
    while (total < size) {
        ssize_t got = read(file, data + total, size - total);
        CHECK(got > 0);
        total += (size_t)got;
    }
    CHECK(close(file) == 0);
    return (struct buffer){data, size};
}

void file_check(const char *path, struct bytes expected)
{
    struct buffer content = file_read(path);
    CHECK_BYTES(expected, buffer_bytes(&content));
    buffer_free(&content);
}

bool file_exists(const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0;
}

void directory_make(const char *path)
{
    CHECK(mkdir(path, 0777) == 0);
}

void file_remove(const char *path)
{
    CHECK(remove(path) == 0);
}

static bool is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

unsigned directory_count(const char *path)
{
    DIR *stream = opendir(path);
    CHECK(stream != NULL);
    unsigned count = 0;
    for (const struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
        count += is_entry(entry) ? 1 : 0;
    }
    CHECK(closedir(stream) == 0);
    return count;
}

void only_entry(const char *directory, char *entry, size_t room)
{
    CHECK_NUMBER(1, directory_count(directory));
    DIR *stream = opendir(directory);
    CHECK(stream != NULL);
    for (const struct dirent *found = readdir(stream); found != NULL; found = readdir(stream)) {
        if (is_entry(found)) {
            snprintf(entry, room, "%s/%s", directory, found->d_name);
        }
    }
    CHECK(closedir(stream) == 0);
}
