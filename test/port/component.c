// component.c: the contract over wasi:filesystem, as a component (world
// `port-contract`), so that a host can be asked to keep it.
//
// The fixture (contract.h) is in the directory that the host preopens.
#include "contract.h"
#include "wasi/port.h"

#define EXPORT(name) __attribute__((export_name(name)))

EXPORT("name") const struct bytes *export_name(uint32_t number);
EXPORT("run") const struct bytes *export_run(uint32_t number, uint32_t has, uint32_t name_bytes);

static struct bytes answer;

static const struct bytes *give(const char *text, size_t size)
{
    answer = (struct bytes){(const uint8_t *)text, size};
    return &answer;
}

// The name of a test; empty beyond the last.
const struct bytes *export_name(uint32_t number)
{
    const struct contract_test *test = contract_test_at(number);
    return test != NULL ? give(test->name, strlen(test->name)) : give(NULL, 0);
}

// Runs a test in a new instance. What failed; empty if nothing did.
const struct bytes *export_run(uint32_t number, uint32_t has, uint32_t name_bytes)
{
    static struct wasi_port wasi;
    static struct contract contract;
    struct bytes below;
    if (wasi_port_init(&wasi, BYTES(""), &below) != STATUS_OK) {
        return give("nothing is preopened", 20);
    }
    contract = (struct contract){
        .port = &wasi.port,
        .has = has,
        .name_bytes = name_bytes,
        .file_bytes = contract_bytes_max,
        .entries = contract_entries_max,
    };
    contract_test_at(number)->run(&contract);
    return give(contract.failure, contract.failure_size);
}
