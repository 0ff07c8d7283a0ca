// The two ends of a peer's line: processes and pipes.
//
// A step is a line: its kind's number, the name, the target and the value, divided
// by tabs. An answer is one too: the status's number, the size, and what was read.
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE

#include "peer.h"

#include "cli/places.h"
#include "kv/kv_commands.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { line_bytes_max = 512 };

static bool send_line(int to, const char *line)
{
    size_t size = strlen(line);
    while (size > 0) {
        ssize_t sent = write(to, line, size);
        if (sent <= 0) {
            return false;
        }
        line += sent;
        size -= (size_t)sent;
    }
    return true;
}

static bool receive_line(int from, char *line)
{
    for (size_t size = 0; size < line_bytes_max - 1; size++) {
        if (read(from, line + size, 1) != 1) {
            return false;
        }
        if (line[size] == '\n') {
            line[size] = '\0';
            return true;
        }
    }
    return false;
}

// The next field of a line, up to a tab or its end.
static void next_field(const char **line, char *field, size_t room)
{
    size_t size = strcspn(*line, "\t");
    snprintf(field, room, "%.*s", (int)size, *line);
    *line += size + ((*line)[size] == '\t' ? 1 : 0);
}

static bool take_there(struct peer_side *side, const struct peer_step *step,
                       struct peer_answer *answer)
{
    char line[line_bytes_max], field[32];
    snprintf(line, sizeof line, "%d\t%s\t%s\t%s\n", (int)step->kind, step->name, step->target,
             step->value);
    if (!send_line(side->to, line) || !receive_line(side->from, line)) {
        return false;
    }
    const char *rest = line;
    next_field(&rest, field, sizeof field);
    answer->status = (enum status)strtoul(field, NULL, 10);
    next_field(&rest, field, sizeof field);
    answer->size = strtoull(field, NULL, 10);
    next_field(&rest, answer->value, sizeof answer->value);
    return true;
}

static const struct bytes folder = {(const uint8_t *)".kv-doctor", 10};

static void begin_side(struct peer_side *side, const struct session *session)
{
    *side = (struct peer_side){.take = peer_take_here, .port = session->store->port};
    places_root(session->store, &side->path);
    path_push(&side->path, folder);
}

// Starts the command with a pipe each way; its process, or -1.
static pid_t start(struct peer_side *side, struct bytes command)
{
    int there[2], back[2];
    char text[line_bytes_max];
    snprintf(text, sizeof text, "%.*s", (int)command.size, (const char *)command.data);
    if (pipe(there) != 0 || pipe(back) != 0) {
        return -1;
    }
    pid_t process = fork();
    if (process == 0) {
        (void)dup2(there[0], STDIN_FILENO);
        (void)dup2(back[1], STDOUT_FILENO);
        (void)close(there[1]);
        (void)close(back[0]);
        execl("/bin/sh", "sh", "-c", text, (char *)NULL);
        _exit(127);
    }
    (void)close(there[0]);
    (void)close(back[1]);
    side->to = there[1];
    side->from = back[0];
    return process;
}

enum command_exit peer_doctor(struct session *session, struct bytes command)
{
    struct peer_side sides[2];
    begin_side(&sides[0], session);
    sides[1] = (struct peer_side){.take = take_there};
    enum status status = port_make_directory(sides[0].port, path_place(&sides[0].path));
    if (status != STATUS_OK && status != STATUS_EXISTS) {
        session_fail(session, "other", status_text(status));
        return COMMAND_FAILED;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    pid_t process = start(&sides[1], command);
    if (process < 0) {
        session_fail(session, "other", "the peer's command cannot be started");
        return COMMAND_FAILED;
    }
    bool holds = peer_ask(session->out, sides, session->file_system);
    (void)close(sides[1].to);
    (void)close(sides[1].from);
    (void)waitpid(process, NULL, 0);
    (void)port_remove_directory(sides[0].port, path_place(&sides[0].path));
    return holds ? COMMAND_DONE : COMMAND_NOT_FOUND;
}

enum command_exit peer_serve(struct session *session)
{
    struct peer_side side;
    char line[line_bytes_max];
    begin_side(&side, session);
    while (receive_line(STDIN_FILENO, line)) {
        struct peer_step step = {.kind = PEER_STAT};
        struct peer_answer answer;
        char field[32];
        const char *rest = line;
        next_field(&rest, field, sizeof field);
        unsigned long kind = strtoul(field, NULL, 10);
        step.kind = kind < peer_step_kinds ? (enum peer_step_kind)kind : peer_step_kinds;
        next_field(&rest, step.name, sizeof step.name);
        next_field(&rest, step.target, sizeof step.target);
        next_field(&rest, step.value, sizeof step.value);
        (void)peer_take_here(&side, &step, &answer);
        snprintf(line, sizeof line, "%d\t%llu\t%s\n", (int)answer.status,
                 (unsigned long long)answer.size, answer.value);
        if (!send_line(STDOUT_FILENO, line)) {
            break;
        }
    }
    return COMMAND_DONE;
}
