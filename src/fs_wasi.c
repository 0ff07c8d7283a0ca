#include "fs_wasi.h"

#include "component.h"

#include <stdlib.h>

// ---- Memory the host writes to ----

// Where the next allocation that the host makes in our memory goes, if it fits:
// so what it reads lands where it is wanted and is not copied again.
static struct {
    uint8_t *data;
    size_t size;
} landing;

// The canonical ABI's allocator, in place of the bindings' weak one. Unlike
// theirs it must not fail: the ABI has no way to say so.
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size,
                                                                size_t align, size_t size);

void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size)
{
    if (size == 0) {
        return (void *)align;
    }
    bool landed = old != NULL && old == landing.data;
    if ((old == NULL || old_size == 0 || landed) && size <= landing.size) {
        return landing.data;
    }
    void *made = malloc(size);
    if (made == NULL) {
        __builtin_trap();
    }
    if (old_size > 0) {
        memcpy(made, old, old_size < size ? old_size : size);
    }
    if (old_size > 0 && !landed) {
        free(old);
    }
    return made;
}

// ---- Translation ----

static enum status from_wasi(wasi_filesystem_types_error_code_t code)
{
    switch (code) {
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_ACCESS:
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_NOT_PERMITTED:
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_READ_ONLY:
        return STATUS_ACCESS;
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_BUSY:
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_TEXT_FILE_BUSY:
        return STATUS_IN_USE;
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_QUOTA:
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_INSUFFICIENT_SPACE:
        return STATUS_NO_SPACE;
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_EXIST:
        return STATUS_EXISTS;
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_FILE_TOO_LARGE:
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_OVERFLOW:
        return STATUS_TOO_LARGE;
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_ILLEGAL_BYTE_SEQUENCE:
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_INVALID:
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_NAME_TOO_LONG:
        return STATUS_BAD_NAME;
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_IS_DIRECTORY:
        return STATUS_IS_DIRECTORY;
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_LOOP:
        return STATUS_IS_SYMLINK;
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_NO_ENTRY:
        return STATUS_NO_ENTRY;
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_INSUFFICIENT_MEMORY:
        return STATUS_NO_MEMORY;
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_NOT_DIRECTORY:
        return STATUS_NOT_DIRECTORY;
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_NOT_EMPTY:
        return STATUS_NOT_EMPTY;
    case WASI_FILESYSTEM_TYPES_ERROR_CODE_UNSUPPORTED:
        return STATUS_UNSUPPORTED;
    default:
        return STATUS_IO;
    }
}

static enum fs_kind kind_of(wasi_filesystem_types_descriptor_type_t type)
{
    switch (type) {
    case WASI_FILESYSTEM_TYPES_DESCRIPTOR_TYPE_REGULAR_FILE:
        return FS_FILE;
    case WASI_FILESYSTEM_TYPES_DESCRIPTOR_TYPE_DIRECTORY:
        return FS_DIRECTORY;
    case WASI_FILESYSTEM_TYPES_DESCRIPTOR_TYPE_SYMBOLIC_LINK:
        return FS_SYMLINK;
    case WASI_FILESYSTEM_TYPES_DESCRIPTOR_TYPE_FIFO:
        return FS_PIPE;
    case WASI_FILESYSTEM_TYPES_DESCRIPTOR_TYPE_UNKNOWN:
        return FS_UNKNOWN;
    default:
        return FS_SPECIAL;
    }
}

static wasi_filesystem_types_borrow_descriptor_t borrow(fs_handle handle)
{
    return (wasi_filesystem_types_borrow_descriptor_t){(int32_t)handle};
}

static wasi_filesystem_types_borrow_descriptor_t root_of(const struct fs *fs)
{
    return borrow(((const struct fs_wasi *)fs)->root);
}

static wasi_filesystem_types_borrow_descriptor_t at(const struct fs *fs, fs_handle directory)
{
    return directory == fs_root ? root_of(fs) : borrow(directory);
}

// The bindings take strings they do not change through pointers to non-const.
static component_string_t string_of(struct bytes bytes)
{
    return (component_string_t){(uint8_t *)(uintptr_t)bytes.data, bytes.size};
}

static enum status result(bool ok, wasi_filesystem_types_error_code_t code)
{
    return ok ? STATUS_OK : from_wasi(code);
}

// ---- The port ----

static enum status wasi_look(struct fs *fs, fs_handle directory, struct bytes path,
                             struct fs_look *look)
{
    component_string_t string = string_of(path);
    wasi_filesystem_types_descriptor_stat_t stat;
    wasi_filesystem_types_error_code_t code;
    if (!wasi_filesystem_types_method_descriptor_stat_at(at(fs, directory), 0, &string, &stat,
                                                         &code)) {
        return from_wasi(code);
    }
    *look = (struct fs_look){kind_of(stat.type), stat.size};
    return STATUS_OK;
}

static enum status open_at(struct fs *fs, fs_handle directory, struct bytes path,
                           wasi_filesystem_types_open_flags_t how,
                           wasi_filesystem_types_descriptor_flags_t rights, fs_handle *file)
{
    component_string_t string = string_of(path);
    wasi_filesystem_types_own_descriptor_t opened;
    wasi_filesystem_types_error_code_t code;
    if (!wasi_filesystem_types_method_descriptor_open_at(at(fs, directory), 0, &string, how, rights,
                                                         &opened, &code)) {
        return from_wasi(code);
    }
    *file = opened.__handle;
    return STATUS_OK;
}

static enum status remove_file_at(struct fs *fs, fs_handle directory, struct bytes path)
{
    component_string_t string = string_of(path);
    wasi_filesystem_types_error_code_t code;
    bool ok =
        wasi_filesystem_types_method_descriptor_unlink_file_at(at(fs, directory), &string, &code);
    return result(ok, code);
}

// Always a new file: hosts block for ever in opening a named pipe, and what is
// emptied could have another name too.
static enum status open_new(struct fs *fs, fs_handle directory, struct bytes path, fs_handle *file)
{
    wasi_filesystem_types_open_flags_t how =
        WASI_FILESYSTEM_TYPES_OPEN_FLAGS_CREATE | WASI_FILESYSTEM_TYPES_OPEN_FLAGS_EXCLUSIVE;
    wasi_filesystem_types_descriptor_flags_t rights = WASI_FILESYSTEM_TYPES_DESCRIPTOR_FLAGS_WRITE;
    enum status status = open_at(fs, directory, path, how, rights, file);
    if (status == STATUS_EXISTS) {
        status = remove_file_at(fs, directory, path);
        if (status == STATUS_OK || status == STATUS_NO_ENTRY) {
            status = open_at(fs, directory, path, how, rights, file);
        }
    }
    return status;
}

static enum status wasi_open(struct fs *fs, fs_handle directory, struct bytes path,
                             enum fs_mode mode, fs_handle *file)
{
    if (mode == FS_CREATE) {
        return open_new(fs, directory, path, file);
    }
    // With `read` alone: jco refuses to open a directory with `mutate-directory`.
    return open_at(fs, directory, path,
                   mode == FS_LIST ? WASI_FILESYSTEM_TYPES_OPEN_FLAGS_DIRECTORY : 0,
                   WASI_FILESYSTEM_TYPES_DESCRIPTOR_FLAGS_READ, file);
}

static enum status wasi_read(struct fs *fs, fs_handle file, void *bytes, size_t size,
                             uint64_t offset, size_t *got)
{
    (void)fs;
    component_tuple2_list_u8_bool_t read;
    wasi_filesystem_types_error_code_t code;
    landing.data = bytes;
    landing.size = size;
    bool ok =
        wasi_filesystem_types_method_descriptor_read(borrow(file), size, offset, &read, &code);
    landing.size = 0;
    if (!ok) {
        return from_wasi(code);
    }
    if (read.f0.len > 0 && read.f0.ptr != bytes) {
        // The host allocated more than it was asked for. Take what was asked.
        read.f0.len = read.f0.len < size ? read.f0.len : size;
        memcpy(bytes, read.f0.ptr, read.f0.len);
        free(read.f0.ptr);
    }
    *got = read.f0.len;
    return STATUS_OK;
}

static enum status wasi_write(struct fs *fs, fs_handle file, const void *bytes, size_t size,
                              uint64_t offset, size_t *written)
{
    (void)fs;
    component_list_u8_t list = {(uint8_t *)(uintptr_t)bytes, size};
    wasi_filesystem_types_filesize_t count;
    wasi_filesystem_types_error_code_t code;
    if (!wasi_filesystem_types_method_descriptor_write(borrow(file), &list, offset, &count,
                                                       &code)) {
        return from_wasi(code);
    }
    *written = count < size ? (size_t)count : size;
    return STATUS_OK;
}

static enum status wasi_sync(struct fs *fs, fs_handle file)
{
    (void)fs;
    wasi_filesystem_types_error_code_t code;
    bool ok = wasi_filesystem_types_method_descriptor_sync(borrow(file), &code);
    return result(ok, code);
}

static enum status wasi_close(struct fs *fs, fs_handle file)
{
    (void)fs;
    wasi_filesystem_types_descriptor_drop_own(
        (wasi_filesystem_types_own_descriptor_t){(int32_t)file});
    return STATUS_OK;
}

static enum status wasi_list(struct fs *fs, fs_handle directory, fs_handle *listing)
{
    (void)fs;
    wasi_filesystem_types_own_directory_entry_stream_t stream;
    wasi_filesystem_types_error_code_t code;
    if (!wasi_filesystem_types_method_descriptor_read_directory(borrow(directory), &stream,
                                                                &code)) {
        return from_wasi(code);
    }
    *listing = stream.__handle;
    return STATUS_OK;
}

// True if the name may have U+FFFD in it, which begins with this byte. jco puts
// it where a name is not UTF-8, and there is nothing by the name that it makes.
static bool may_be_made_up(struct bytes name)
{
    bool may = false;
    for (size_t i = 0; i < name.size; i++) {
        may |= name.data[i] == 0xEF;
    }
    return may;
}

static enum status wasi_list_next(struct fs *fs, fs_handle listing, struct fs_entry *entry)
{
    (void)fs;
    static uint8_t name[4 * name_bytes_max]; // room for any host's idea of a long name
    landing.data = name;
    landing.size = sizeof name;
    wasi_filesystem_types_option_directory_entry_t read;
    wasi_filesystem_types_error_code_t code;
    bool ok = wasi_filesystem_types_method_directory_entry_stream_read_directory_entry(
        (wasi_filesystem_types_borrow_directory_entry_stream_t){(int32_t)listing}, &read, &code);
    landing.size = 0;
    if (!ok) {
        return from_wasi(code);
    }
    if (!read.is_some) {
        return STATUS_END;
    }
    struct bytes found = {read.val.name.ptr, read.val.name.len};
    *entry = (struct fs_entry){may_be_made_up(found) ? FS_UNKNOWN : kind_of(read.val.type), found};
    if (read.val.name.len > 0 && read.val.name.ptr != name) {
        free(read.val.name.ptr); // over any name's size: no entry for us
        return STATUS_BAD_NAME;
    }
    return STATUS_OK;
}

static void wasi_list_close(struct fs *fs, fs_handle listing)
{
    (void)fs;
    wasi_filesystem_types_directory_entry_stream_drop_own(
        (wasi_filesystem_types_own_directory_entry_stream_t){(int32_t)listing});
}

static enum status wasi_make_directory(struct fs *fs, struct bytes path)
{
    component_string_t string = string_of(path);
    wasi_filesystem_types_error_code_t code;
    bool ok =
        wasi_filesystem_types_method_descriptor_create_directory_at(root_of(fs), &string, &code);
    return result(ok, code);
}

static enum status wasi_remove_directory(struct fs *fs, struct bytes path)
{
    component_string_t string = string_of(path);
    wasi_filesystem_types_error_code_t code;
    bool ok =
        wasi_filesystem_types_method_descriptor_remove_directory_at(root_of(fs), &string, &code);
    return result(ok, code);
}

static enum status wasi_remove_file(struct fs *fs, struct bytes path)
{
    return remove_file_at(fs, fs_root, path);
}

static enum status wasi_rename(struct fs *fs, struct bytes from, fs_handle directory,
                               struct bytes to)
{
    component_string_t old_path = string_of(from);
    component_string_t new_path = string_of(to);
    wasi_filesystem_types_error_code_t code;
    bool ok = wasi_filesystem_types_method_descriptor_rename_at(
        root_of(fs), &old_path, at(fs, directory), &new_path, &code);
    return result(ok, code);
}

static uint64_t wasi_random(struct fs *fs)
{
    (void)fs;
    return wasi_random_random_get_random_u64();
}

static void wasi_pause(struct fs *fs, uint64_t nanoseconds)
{
    (void)fs;
    wasi_io_poll_own_pollable_t pollable =
        wasi_clocks_monotonic_clock_subscribe_duration(nanoseconds);
    wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(pollable));
    wasi_io_poll_pollable_drop_own(pollable);
}

// ---- Finding the root ----

// Without trailing slashes and a leading "./"; the current directory is "".
static struct bytes trimmed(struct bytes path)
{
    while (path.size > 1 && path.data[path.size - 1] == '/') {
        path.size--;
    }
    while (path.size >= 2 && path.data[0] == '.' && path.data[1] == '/') {
        path.data += 2;
        path.size -= 2;
    }
    return bytes_equal(path, BYTES(".")) ? BYTES("") : path;
}

// True if `root` is the preopened directory or below it; `below` is the rest.
static bool holds(struct bytes preopen, struct bytes root, struct bytes *below)
{
    if (preopen.size == 0) {
        *below = root;
        return root.size == 0 || root.data[0] != '/';
    }
    if (root.size < preopen.size || memcmp(root.data, preopen.data, preopen.size) != 0) {
        return false;
    }
    *below = (struct bytes){root.data + preopen.size, root.size - preopen.size};
    bool divided = preopen.data[preopen.size - 1] == '/';
    if (below->size > 0 && !divided) {
        divided = below->data[0] == '/';
        below->data++;
        below->size--;
    }
    return below->size == 0 || divided;
}

// True if no part of the path is empty, "." or "..".
static bool is_plain(struct bytes path)
{
    size_t start = 0;
    for (size_t at = 0; at <= path.size && path.size > 0; at++) {
        if (at < path.size && path.data[at] != '/') {
            continue;
        }
        struct bytes part = {path.data + start, at - start};
        if (part.size == 0 || bytes_equal(part, BYTES(".")) || bytes_equal(part, BYTES(".."))) {
            return false;
        }
        start = at + 1;
    }
    return true;
}

// The preopened directory to use: the one that holds most of `root`, the last
// one listed where several do or none is asked for. -1 if there is none.
static int choose(const wasi_filesystem_preopens_list_tuple2_own_descriptor_string_t *preopens,
                  struct bytes root, struct bytes *below)
{
    int chosen = -1;
    *below = (struct bytes){NULL, 0};
    for (size_t i = 0; i < preopens->len; i++) {
        struct bytes path = {preopens->ptr[i].f1.ptr, preopens->ptr[i].f1.len};
        struct bytes rest = {NULL, 0};
        if (root.size == 0 || (holds(trimmed(path), trimmed(root), &rest) &&
                               (chosen < 0 || rest.size <= below->size))) {
            chosen = (int)i;
            *below = rest;
        }
    }
    return chosen;
}

enum status fs_wasi_init(struct fs_wasi *wasi, struct bytes root, uint8_t *below,
                         size_t *below_size)
{
    wasi_filesystem_preopens_list_tuple2_own_descriptor_string_t preopens;
    wasi_filesystem_preopens_get_directories(&preopens);
    struct bytes rest;
    int chosen = choose(&preopens, root, &rest);
    enum status status = chosen < 0 ? STATUS_NO_ROOT : STATUS_OK;
    if (status == STATUS_OK && (!is_plain(rest) || rest.size > root_bytes_max)) {
        status = STATUS_BAD_SETTING;
    }
    for (size_t i = 0; i < preopens.len; i++) {
        if (status == STATUS_OK && (int)i == chosen) {
            wasi->root = preopens.ptr[i].f0.__handle;
            wasi->preopen = (struct bytes){preopens.ptr[i].f1.ptr, preopens.ptr[i].f1.len};
        } else {
            wasi_filesystem_types_descriptor_drop_own(preopens.ptr[i].f0);
            component_string_free(&preopens.ptr[i].f1);
        }
    }
    if (preopens.len > 0) {
        free(preopens.ptr);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (rest.size > 0) {
        memcpy(below, rest.data, rest.size);
    }
    *below_size = rest.size;
    wasi->fs = (struct fs){
        .look = wasi_look,
        .open = wasi_open,
        .read = wasi_read,
        .write = wasi_write,
        .sync = wasi_sync,
        .close = wasi_close,
        .list = wasi_list,
        .list_next = wasi_list_next,
        .list_close = wasi_list_close,
        .make_directory = wasi_make_directory,
        .remove_directory = wasi_remove_directory,
        .remove_file = wasi_remove_file,
        .rename = wasi_rename,
        .random = wasi_random,
        .pause = wasi_pause,
    };
    return STATUS_OK;
}
