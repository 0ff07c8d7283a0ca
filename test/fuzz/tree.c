#include "tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    open_files_max = 16,
    long_value_bytes = 70000, // more than one read of the port gives
};

static const struct tree_key no_keys[tree_keys] = {
    {{(const uint8_t *)"a", 1}, "a", TREE_ABSENT, {NULL, 0}},
    {{(const uint8_t *)"n", 1}, "n", TREE_ABSENT, {NULL, 0}},
    {{(const uint8_t *)".kv", 3}, "%2Ekv", TREE_ABSENT, {NULL, 0}},
    {{(const uint8_t *)"", 0}, "%", TREE_ABSENT, {NULL, 0}},
    {{(const uint8_t *)"../b", 4}, "%2E.%2Fb", TREE_ABSENT, {NULL, 0}},
    {{(const uint8_t *)"%2E", 3}, "%252E", TREE_ABSENT, {NULL, 0}},
};

// Files that are no keys, and that nothing may touch.
static const char *const strangers[] = {"b/.hidden",       "b/%25no",
                                        "b/\xFF",          "other/a",
                                        "../outside/file", "../outside/directory/0123456789ABCDEF"};
enum { stranger_count = sizeof strangers / sizeof strangers[0] };

static char top[tree_path_room / 2];

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *place)
{
    (void)found;
    (void)kind;
    (void)place;
    return remove(path);
}

static void remove_all(const char *path)
{
    struct stat found;
    MUST(lstat(path, &found) != 0 ||
         nftw(path, remove_one, open_files_max, FTW_DEPTH | FTW_PHYS) == 0);
}

static void write_file(const char *path, struct bytes content)
{
    FILE *file = fopen(path, "wb");
    MUST(file != NULL);
    MUST(content.size == 0 || fwrite(content.data, 1, content.size, file) == content.size);
    MUST(fclose(file) == 0);
}

static void check_file(const char *path, struct bytes expected)
{
    uint8_t *content = malloc(expected.size + 1);
    FILE *file = fopen(path, "rb");
    MUST(content != NULL && file != NULL);
    size_t size = fread(content, 1, expected.size + 1, file);
    MUST(fclose(file) == 0);
    MUST(bytes_equal(expected, (struct bytes){content, size}));
    free(content);
}

// Makes something of a kind at a path where nothing is.
static void place(const char *path, enum tree_kind kind, struct bytes content)
{
    char inner[tree_path_room + 8];
    switch (kind) {
    case TREE_FILE:
        write_file(path, content);
        break;
    case TREE_DIRECTORY:
    case TREE_FULL_DIRECTORY:
        MUST(mkdir(path, 0777) == 0);
        snprintf(inner, sizeof inner, "%s/new", path);
        if (kind == TREE_FULL_DIRECTORY) {
            write_file(inner, content);
        }
        break;
    case TREE_LINK:
        MUST(symlink("../../outside/file", path) == 0);
        break;
    case TREE_DANGLING_LINK:
        MUST(symlink("nowhere", path) == 0);
        break;
    case TREE_DIRECTORY_LINK:
        MUST(symlink("../../outside/directory", path) == 0);
        break;
    case TREE_PIPE:
        MUST(mkfifo(path, 0666) == 0);
        break;
    case TREE_ABSENT:
    case tree_kind_count:
        break;
    }
}

static enum tree_kind take_kind(struct bytes *input)
{
    return (enum tree_kind)(fuzz_byte(input) % tree_kind_count);
}

static void path_of(const struct tree *tree, const char *name, char path[tree_path_room])
{
    MUST(snprintf(path, tree_path_room, "%s/%s", tree->root, name) < tree_path_room);
}

static void path_of_key(const struct tree *tree, const struct tree_key *key,
                        char path[tree_path_room])
{
    MUST(snprintf(path, tree_path_room, "%s/b/%s", tree->root, key->file) < tree_path_room);
}

void tree_set(struct tree_key *key, struct bytes content)
{
    struct buffer copy;
    MUST(buffer_copy(content, &copy) == STATUS_OK);
    buffer_free(&key->content);
    key->content = copy;
    key->kind = TREE_FILE;
}

void tree_removed(struct tree_key *key)
{
    buffer_free(&key->content);
    key->kind = TREE_ABSENT;
}

static void place_one(struct tree *tree, struct tree_key *key, struct bytes *input)
{
    char path[tree_path_room];
    path_of_key(tree, key, path);
    remove_all(path);
    tree_removed(key);
    key->kind = take_kind(input);
    struct bytes content = {NULL, 0};
    if (key->kind == TREE_FILE) {
        uint8_t size = fuzz_byte(input);
        static uint8_t zeros[long_value_bytes];
        content = size == UINT8_MAX ? (struct bytes){zeros, sizeof zeros} : fuzz_take(input, size);
        tree_set(key, content);
    }
    place(path, key->kind, content);
}

void tree_place_key(struct tree *tree, struct bytes *input)
{
    place_one(tree, &tree->keys[fuzz_byte(input) % tree_keys], input);
}

void tree_remove_scratch(struct tree *tree)
{
    char path[tree_path_room];
    path_of(tree, "b/.kv", path);
    remove_all(path);
    tree->obstructed = false;
}

// Puts something into a directory in `.kv`, which is made if it is not there.
static void place_inside(struct tree *tree, const char *directory, struct bytes *input)
{
    static const char *const names[] = {"0123456789ABCDEF", "0123456789ABCDEFj", "else", "\xFF"};
    struct stat found;
    if (mkdir(directory, 0777) != 0 && (lstat(directory, &found) != 0 || !S_ISDIR(found.st_mode))) {
        return;
    }
    const char *name = names[fuzz_byte(input) % 4];
    char path[tree_path_room + 20];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    if (lstat(path, &found) != 0) {
        place(path, take_kind(input), BYTES("left behind"));
        // A name that cannot be listed cannot be told from somebody's turn.
        tree->obstructed = tree->obstructed || name == names[3];
    }
}

// Replaces `.kv`, or `.kv/turn`. Only a directory can be used, for `.kv` also a link to
// one: then that is the scratch space, so it is not tried here.
static void replace_scratch(struct tree *tree, const char *path, bool links, struct bytes *input)
{
    remove_all(path);
    enum tree_kind kind = take_kind(input);
    if (kind == TREE_DIRECTORY_LINK && !links) {
        kind = TREE_DANGLING_LINK;
    }
    place(path, kind, BYTES("in the way"));
    tree->obstructed = tree->obstructed || (kind != TREE_ABSENT && kind != TREE_DIRECTORY &&
                                            kind != TREE_FULL_DIRECTORY);
}

// Puts something into `.kv`, or in its place.
void tree_place_scratch(struct tree *tree, struct bytes *input)
{
    char path[tree_path_room];
    path_of(tree, "b/.kv", path);
    uint8_t how = fuzz_byte(input);
    if (how < 16) {
        tree_remove_scratch(tree);
        replace_scratch(tree, path, false, input);
        return;
    }
    struct stat found;
    if (lstat(path, &found) != 0) {
        MUST(mkdir(path, 0777) == 0);
    } else if (!S_ISDIR(found.st_mode)) {
        return;
    }
    path_of(tree, "b/.kv/turn", path);
    if (how < 32) {
        replace_scratch(tree, path, true, input);
    } else if (how < 128) {
        place_inside(tree, path, input);
    } else {
        char name[40];
        snprintf(name, sizeof name, how < 144 ? "b/.kv/no id %X" : "b/.kv/%016X", how % 16U);
        path_of(tree, name, path);
        place_inside(tree, path, input);
    }
}

void tree_make(struct tree *tree, struct bytes *input)
{
    struct stat found;
    const char *parent = getenv("TMPDIR");
    parent = parent != NULL ? parent : stat("/dev/shm", &found) == 0 ? "/dev/shm" : "/tmp";
    snprintf(top, sizeof top, "%s/keyvalue-fuzz-XXXXXX", parent);
    MUST(mkdtemp(top) != NULL);
    MUST(snprintf(tree->root, sizeof tree->root, "%s/root", top) < (int)sizeof tree->root);
    memcpy(tree->keys, no_keys, sizeof no_keys);
    tree->obstructed = false;
    static const char *const directories[] = {"", "b", "other", "../outside",
                                              "../outside/directory"};
    char path[tree_path_room];
    for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++) {
        path_of(tree, directories[i], path);
        MUST(mkdir(path, 0777) == 0);
    }
    for (size_t i = 0; i < stranger_count; i++) {
        path_of(tree, strangers[i], path);
        write_file(path, BYTES("not to be touched"));
    }
    uint8_t placed = fuzz_byte(input);
    for (int i = 0; i < tree_keys; i++) {
        if (placed >> i & 1) {
            place_one(tree, &tree->keys[i], input);
        }
    }
    for (uint8_t i = 0; i < placed >> tree_keys; i++) {
        tree_place_scratch(tree, input);
    }
}

void tree_remove_all(struct tree *tree)
{
    for (int i = 0; i < tree_keys; i++) {
        buffer_free(&tree->keys[i].content);
    }
    remove_all(top);
}

static bool is_kind(mode_t mode, enum tree_kind kind)
{
    switch (kind) {
    case TREE_FILE:
        return S_ISREG(mode);
    case TREE_DIRECTORY:
    case TREE_FULL_DIRECTORY:
        return S_ISDIR(mode);
    case TREE_LINK:
    case TREE_DANGLING_LINK:
    case TREE_DIRECTORY_LINK:
        return S_ISLNK(mode);
    case TREE_PIPE:
        return S_ISFIFO(mode);
    case TREE_ABSENT:
    case tree_kind_count:
        break;
    }
    return false;
}

static unsigned count_entries(const char *path)
{
    DIR *stream = opendir(path);
    MUST(stream != NULL);
    unsigned count = 0;
    while (readdir(stream) != NULL) {
        count++;
    }
    MUST(closedir(stream) == 0);
    return count - 2; // "." and ".."
}

void tree_check(const struct tree *tree)
{
    char path[tree_path_room];
    for (int i = 0; i < tree_keys; i++) {
        const struct tree_key *key = &tree->keys[i];
        path_of_key(tree, key, path);
        struct stat found;
        bool present = lstat(path, &found) == 0;
        MUST(present == (key->kind != TREE_ABSENT));
        MUST(!present || is_kind(found.st_mode, key->kind));
        if (key->kind == TREE_FILE) {
            check_file(path, buffer_bytes(&key->content));
        } else if (key->kind == TREE_DIRECTORY || key->kind == TREE_FULL_DIRECTORY) {
            MUST(count_entries(path) == (key->kind == TREE_FULL_DIRECTORY));
        }
    }
    for (size_t i = 0; i < stranger_count; i++) {
        path_of(tree, strangers[i], path);
        check_file(path, BYTES("not to be touched"));
    }
    path_of(tree, "../outside", path);
    MUST(count_entries(path) == 2);
    path_of(tree, "../outside/directory", path);
    MUST(count_entries(path) == 1);
    path_of(tree, "other", path);
    MUST(count_entries(path) == 1);
}

void tree_check_scratch(const struct tree *tree)
{
    char path[tree_path_room];
    path_of(tree, "b/.kv/turn", path);
    DIR *stream = opendir(path);
    unsigned entries = 0;
    const struct dirent *entry;
    while (stream != NULL && (entry = readdir(stream)) != NULL) {
        if (entry->d_name[0] != '.') {
            char series[tree_path_room + sizeof entry->d_name];
            snprintf(series, sizeof series, "%s/%s", path, entry->d_name);
            MUST(count_entries(series) == 0);
            entries++;
        }
    }
    MUST(stream == NULL || closedir(stream) == 0);
    MUST(entries <= 1);
}
