#include "contract.h"

const struct contract_test *contract_test_at(size_t number)
{
    static const struct contract_test *const parts[] = {contract_file_tests, contract_name_tests,
                                                        contract_directory_tests};
    for (size_t part = 0; part < sizeof parts / sizeof parts[0]; part++) {
        for (const struct contract_test *test = parts[part]; test->name != NULL; test++) {
            if (number-- == 0) {
                return test;
            }
        }
    }
    return NULL;
}

static struct message begin(struct contract *contract, const char *file, int line, const char *what)
{
    struct message message = {contract->failure, sizeof contract->failure - 1, 0};
    message_text(&message, file);
    message_text(&message, ":");
    message_number(&message, (uint64_t)line);
    message_text(&message, ": ");
    message_text(&message, what);
    return message;
}

bool contract_check(struct contract *contract, const char *file, int line, const char *what,
                    bool holds)
{
    if (!holds) {
        contract->failure_size = begin(contract, file, line, what).size;
    }
    return holds;
}

bool contract_status(struct contract *contract, const char *file, int line, const char *what,
                     unsigned long long expected, enum status actual)
{
    if (expected >> actual & 1) {
        return true;
    }
    struct message message = begin(contract, file, line, what);
    message_text(&message, " is status ");
    message_number(&message, actual);
    message_text(&message, " (");
    message_text(&message, status_text(actual));
    message_text(&message, ")");
    contract->failure_size = message.size;
    return false;
}

struct place in(port_handle directory, const char *path)
{
    return (struct place){directory, {(const uint8_t *)path, strlen(path)}};
}

struct place at(const char *path)
{
    return in(port_root, path);
}

static enum status write_all(struct port *port, port_handle file, struct bytes content)
{
    enum status status = STATUS_OK;
    for (size_t done = 0; done < content.size && status == STATUS_OK;) {
        size_t written = 0;
        status = port_write(port, file, content.data + done, content.size - done, done, &written);
        if (status == STATUS_OK && (written == 0 || written > content.size - done)) {
            return STATUS_IO; // against the contract
        }
        done += written;
    }
    return status;
}

enum status contract_write(struct contract *contract, struct place place, struct bytes content)
{
    port_handle file;
    enum status status = port_open(contract->port, place, PORT_CREATE, &file);
    if (status != STATUS_OK) {
        return status;
    }
    status = write_all(contract->port, file, content);
    enum status closed = port_close(contract->port, file);
    return status != STATUS_OK ? status : closed;
}

// Reads up to one byte more than is expected, as the host cuts it.
static bool reads(struct port *port, port_handle file, struct bytes content)
{
    static uint8_t piece[port_read_bytes_max];
    size_t done = 0;
    for (;;) {
        size_t got = 0;
        size_t asked = content.size + 1 - done;
        asked = asked < sizeof piece ? asked : sizeof piece;
        if (port_read(port, file, piece, asked, done, &got) != STATUS_OK || got > asked) {
            return false;
        }
        if (got == 0) {
            return done == content.size;
        }
        if (got > content.size - done || memcmp(piece, content.data + done, got) != 0) {
            return false;
        }
        done += got;
    }
}

bool contract_holds(struct contract *contract, struct place place, struct bytes content)
{
    port_handle file;
    if (port_open(contract->port, place, PORT_READ, &file) != STATUS_OK) {
        return false;
    }
    bool holds = reads(contract->port, file, content);
    return port_close(contract->port, file) == STATUS_OK && holds;
}

enum port_kind contract_kind(struct contract *contract, struct place place)
{
    struct port_stat stat;
    return port_stat(contract->port, place, &stat) == STATUS_OK ? stat.kind : PORT_UNKNOWN;
}

bool contract_exists(struct contract *contract, struct place place)
{
    struct port_stat stat;
    return port_stat(contract->port, place, &stat) != STATUS_NO_ENTRY;
}
