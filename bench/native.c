// native.c: the side that does the same work by plain system calls: no more of
// them, and no other, than a crash-safe store has to make when it is written by
// hand for a bucket that it has to itself.
#define _DEFAULT_SOURCE // what a directory entry is (d_type)

#include "command.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { path_bytes = 256 };

static int root;

struct bucket {
    char path[path_bytes];
    char file[path_bytes]; // in the directory that changes go through
    bool prepared;         // that directory is made
};

static void join(char path[path_bytes], const char *directory, struct bytes name)
{
    size_t size = strlen(directory);
    memcpy(path, directory, size);
    path[size++] = '/';
    memcpy(path + size, name.data, name.size);
    path[size + name.size] = '\0';
}

static void *native_open(struct bytes name)
{
    struct bucket *bucket = calloc(1, sizeof *bucket);
    struct stat found;
    if (bucket == NULL) {
        return NULL;
    }
    memcpy(bucket->path, name.data, name.size);
    if (fstatat(root, bucket->path, &found, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(found.st_mode)) {
        free(bucket);
        return NULL;
    }
    return bucket;
}

static void native_close(void *bucket)
{
    free(bucket);
}

// ---- Reading ----

// The size of the regular file at `path`; -1 if there is none.
static off_t look(const char *path)
{
    struct stat found;
    if (fstatat(root, path, &found, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(found.st_mode)) {
        return -1;
    }
    return found.st_size;
}

// Reads a file of `size` bytes; NULL if it is not as large, or cannot be read.
static uint8_t *read_file(const char *path, size_t size)
{
    int file = openat(root, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0) {
        return NULL;
    }
    uint8_t *data = malloc(size + 1); // a byte more shows the end
    ssize_t got = data != NULL ? pread(file, data, size + 1, 0) : -1;
    (void)close(file);
    if (got != (ssize_t)size) {
        free(data);
        return NULL;
    }
    return data;
}

static bool native_get(void *handle, struct bytes key, size_t size)
{
    char path[path_bytes];
    join(path, ((struct bucket *)handle)->path, key);
    off_t found = look(path);
    if (found < 0) {
        return size == SIZE_MAX;
    }
    uint8_t *data = read_file(path, (size_t)found);
    free(data);
    return data != NULL && (size_t)found == size;
}

static bool native_exists(void *handle, struct bytes key)
{
    char path[path_bytes];
    join(path, ((struct bucket *)handle)->path, key);
    return look(path) >= 0;
}

static bool native_get_many(void *handle, const struct pair *pairs, size_t count)
{
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        ok = native_get(handle, pairs[i].key, pairs[i].value.size);
    }
    return ok;
}

static DIR *open_directory(const char *path)
{
    int opened = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return opened >= 0 ? fdopendir(opened) : NULL;
}

static bool native_list(void *handle, size_t count)
{
    DIR *stream = open_directory(((struct bucket *)handle)->path);
    if (stream == NULL) {
        return false;
    }
    for (const struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
        if (entry->d_type == DT_REG && entry->d_name[0] != '.') {
            count--;
        }
    }
    (void)closedir(stream);
    return count == 0;
}

// ---- Changing ----

// Makes the directory that changes go through, where it is missing.
static bool prepare(struct bucket *bucket)
{
    if (bucket->prepared) {
        return true;
    }
    char scratch[path_bytes];
    join(scratch, bucket->path, BYTES(".kv"));
    join(bucket->file, scratch, BYTES("new"));
    bucket->prepared = mkdirat(root, scratch, 0777) == 0 || errno == EEXIST;
    return bucket->prepared;
}

static bool write_file(int file, struct bytes value)
{
    size_t total = 0;
    while (total < value.size) {
        ssize_t written = pwrite(file, value.data + total, value.size - total, (off_t)total);
        if (written <= 0) {
            return false;
        }
        total += (size_t)written;
    }
    return true;
}

static int create(struct bucket *bucket)
{
    if (!prepare(bucket)) {
        return -1;
    }
    return openat(root, bucket->file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
}

// Writes, closes and commits.
static bool replace(struct bucket *bucket, int file, struct bytes value, const char *path)
{
    bool ok = write_file(file, value);
    return close(file) == 0 && ok && renameat(root, bucket->file, root, path) == 0;
}

static bool native_set(void *handle, const struct pair *pair)
{
    struct bucket *bucket = handle;
    char path[path_bytes];
    join(path, bucket->path, pair->key);
    if (look(path) < 0 && errno != ENOENT) {
        return false;
    }
    int file = create(bucket);
    return file >= 0 && replace(bucket, file, pair->value, path);
}

static bool native_set_many(void *handle, const struct pair *pairs, size_t count)
{
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        ok = native_set(handle, &pairs[i]);
    }
    return ok;
}

static bool native_remove(void *handle, struct bytes key)
{
    struct bucket *bucket = handle;
    char path[path_bytes];
    join(path, bucket->path, key);
    return look(path) >= 0 && prepare(bucket) && renameat(root, path, root, bucket->file) == 0 &&
           unlinkat(root, bucket->file, 0) == 0;
}

static bool native_increment(void *handle, struct bytes key)
{
    struct bucket *bucket = handle;
    char path[path_bytes];
    join(path, bucket->path, key);
    int file = create(bucket);
    if (file < 0) {
        return false;
    }
    uint64_t value = 0;
    if (look(path) >= 0) {
        uint8_t *data = read_file(path, sizeof value);
        if (data == NULL) {
            (void)close(file);
            return false;
        }
        memcpy(&value, data, sizeof value);
        free(data);
    }
    value++;
    return replace(bucket, file, (struct bytes){(const uint8_t *)&value, sizeof value}, path);
}

static const struct side side = {
    .now = command_now,
    .open = native_open,
    .close = native_close,
    .get = native_get,
    .set = native_set,
    .remove = native_remove,
    .exists = native_exists,
    .increment = native_increment,
    .get_many = native_get_many,
    .set_many = native_set_many,
    .list = native_list,
};

int main(int argument_count, char **arguments)
{
    root = open(argument_count > 1 ? arguments[1] : "", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) {
        perror("native: cannot open the directory");
        return 1;
    }
    return command_run(&side, argument_count, arguments);
}
