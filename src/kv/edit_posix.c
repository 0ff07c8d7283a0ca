// edit: a value in the user's editor, saved by compare and swap.
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE

#include "kv_commands.h"

#include "cli/places.h"
#include "host.h"
#include "streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { edit_path_bytes = 1024 };

struct edit {
    struct session *session;
    struct cas cas;
    char directory[edit_path_bytes]; // of our own, so that nobody else reads the value
    char file[edit_path_bytes + name_bytes_max + 1];
};

static enum command_exit fail(struct edit *edit, const char *what)
{
    char text[session_message_bytes_max + sizeof edit->file];
    struct message message = {text, sizeof text, 0};
    message_text(&message, what);
    message_text(&message, edit->file);
    message_text(&message, ": ");
    message_text(&message, strerror(errno));
    return session_fail_message(edit->session, "other", &message);
}

// ---- The file ----

// Named after the key's file, so that the editor knows what it is.
static enum command_exit make_file(struct edit *edit)
{
    const struct session *session = edit->session;
    uint8_t name[name_bytes_max];
    size_t size = 0;
    struct bytes base;
    if (!host_environment("TMPDIR", &base) || base.size > edit_path_bytes / 2) {
        base = BYTES("/tmp");
    }
    // The store has refused a key whose name does not fit.
    (void)name_encode(session->store->settings.names, session->command->operands[0], name, &size);
    (void)snprintf(edit->directory, sizeof edit->directory, "%.*s/kv-edit-XXXXXX", (int)base.size,
                   (const char *)base.data);
    if (mkdtemp(edit->directory) == NULL) {
        return fail(edit, "cannot make a directory for the edit ");
    }
    (void)snprintf(edit->file, sizeof edit->file, "%s/%.*s", edit->directory, (int)size,
                   (const char *)name);
    int file = open(edit->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        return fail(edit, "cannot make the file ");
    }
    size_t done = 0;
    while (done < edit->cas.value.size) {
        ssize_t written = write(file, edit->cas.value.data + done, edit->cas.value.size - done);
        if (written < 0) {
            (void)close(file); // the failure to tell is the first one
            return fail(edit, "cannot write the file ");
        }
        done += (size_t)written;
    }
    return close(file) == 0 ? COMMAND_DONE : fail(edit, "cannot write the file ");
}

static void remove_file(const struct edit *edit)
{
    // An editor may leave something beside it; then the directory stays.
    (void)unlink(edit->file);
    (void)rmdir(edit->directory);
}

static enum command_exit read_file(struct edit *edit, struct buffer *value)
{
    struct stat stat;
    int file = open(edit->file, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &stat) < 0) {
        enum command_exit code = fail(edit, "cannot read the file ");
        if (file >= 0) {
            (void)close(file); // only read
        }
        return code;
    }
    *value = (struct buffer){malloc((size_t)stat.st_size + 1), 0};
    ssize_t got = 1;
    while (value->data != NULL && got > 0 && value->size < (size_t)stat.st_size) {
        got = read(file, value->data + value->size, (size_t)stat.st_size - value->size);
        value->size += got > 0 ? (size_t)got : 0;
    }
    (void)close(file); // only read
    if (value->data == NULL) {
        return session_fail_memory(edit->session);
    }
    return got >= 0 ? COMMAND_DONE : fail(edit, "cannot read the file ");
}

// ---- The editor ----

static enum command_exit run_editor(struct edit *edit)
{
    char command[edit_path_bytes];
    struct bytes editor;
    if (!host_environment("VISUAL", &editor) && !host_environment("EDITOR", &editor)) {
        editor = BYTES("vi");
    }
    // The shell splits it, since people set it to a program and its options.
    int size = snprintf(command, sizeof command, "%.*s \"$1\"", (int)editor.size,
                        (const char *)editor.data);
    if (size < 0 || (size_t)size >= sizeof command) {
        return session_fail(edit->session, "usage", "$EDITOR is too long");
    }
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", command, "sh", edit->file, (char *)NULL);
        _exit(127);
    }
    int how = 0;
    while (child > 0 && waitpid(child, &how, 0) < 0 && errno == EINTR) {
    }
    if (child < 0 || !WIFEXITED(how) || WEXITSTATUS(how) != 0) {
        return session_fail(edit->session, "other", "the editor failed; nothing was changed");
    }
    return COMMAND_DONE;
}

// ---- Saving ----

// Editors end the last line; a value that did not end one goes without.
static void keep_last_line(const struct cas *cas, struct buffer *value)
{
    bool had = cas->value.size == 0 || cas->value.data[cas->value.size - 1] == '\n';
    if (cas->found && !had && value->size > 0 && value->data[value->size - 1] == '\n') {
        value->size--;
    }
}

static enum command_exit tell_conflict(struct edit *edit)
{
    struct session *session = edit->session;
    struct bytes key = session->command->operands[0];
    char text[session_message_bytes_max + sizeof edit->file];
    struct message message = {text, sizeof text, 0};
    message_text(&message, "not saved: the key ");
    message_quoted(&message, key);
    message_text(&message, edit->cas.found ? " was changed meanwhile" : " was deleted meanwhile");
    message_text(&message, "; your edit is kept in ");
    message_text(&message, edit->file);
    print_error(session->err, "conflict", (struct bytes){(const uint8_t *)text, message.size});
    if (edit->cas.found && !session->err->json) {
        print_text(session->err, "The key has now:\n");
        session->err->raw = false;
        session->err->terminal = true; // for a line break at the end
        print_value(session->err, true, buffer_bytes(&edit->cas.value));
    }
    return COMMAND_CONFLICT;
}

static enum command_exit save(struct edit *edit, struct bytes value)
{
    struct session *session = edit->session;
    bool same =
        edit->cas.found ? bytes_equal(value, buffer_bytes(&edit->cas.value)) : value.size == 0;
    if (same) {
        if (session->err->terminal && !session->err->json) {
            print_text(session->err, "kv: unchanged\n");
        }
        print_done(session->out);
        return COMMAND_DONE;
    }
    enum status status = store_swap(&edit->cas, value);
    if (status == STATUS_CHANGED) {
        return tell_conflict(edit);
    }
    if (status == STATUS_OK) {
        print_done(session->out);
    }
    return session_end(session, status);
}

static enum command_exit edit_value(struct edit *edit)
{
    enum command_exit code = make_file(edit);
    if (code == COMMAND_DONE) {
        code = run_editor(edit);
    }
    struct buffer value = {NULL, 0};
    if (code == COMMAND_DONE) {
        code = read_file(edit, &value);
    }
    if (code == COMMAND_DONE) {
        keep_last_line(&edit->cas, &value);
        code = save(edit, buffer_bytes(&value));
    }
    buffer_free(&value);
    return code;
}

enum command_exit kv_edit(struct session *session)
{
    struct edit edit = {.session = session};
    enum status status = store_cas(session->bucket, session->command->operands[0], &edit.cas);
    if (status != STATUS_OK) {
        return session_end(session, status);
    }
    enum command_exit code = edit_value(&edit);
    if (code == COMMAND_DONE) {
        remove_file(&edit);
    } else if (code == COMMAND_FAILED && edit.file[0] != '\0') {
        print_text(session->err, session->err->json ? "" : "kv: your edit is kept in ");
        print_text(session->err, session->err->json ? "" : edit.file);
        print_text(session->err, session->err->json ? "" : "\n");
    }
    store_cas_free(&edit.cas);
    return code;
}
