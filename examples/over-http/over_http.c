// What over_http.h tells, and wasi:http by hand: the bindings of the command know
// nothing of it, and stay as they are. `component new` checks the types.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define HTTP(name) IMPORT("wasi:http/types@0.2.0", name)

enum { words_max = 8 };

// As the bindings have them: C passes a structure of one number as that number.
struct handle {
    int32_t number;
};

struct string {
    uint8_t *data;
    size_t size;
};

struct strings {
    struct string *list;
    size_t count;
};

// A result, whose error carries nothing, or an option.
struct answer {
    uint8_t tag;
    union {
        int32_t handle;
        struct string string;
    } value;
};

// A result whose error is the many-cased error-code.
struct long_answer {
    _Alignas(8) uint8_t bytes[40];
};

HTTP("[constructor]fields") int32_t fields_new(void);
HTTP("[constructor]outgoing-response") int32_t response_new(int32_t headers);
HTTP("[method]outgoing-response.body") void response_body(int32_t response, struct answer *answer);
HTTP("[static]response-outparam.set")
void response_set(int32_t outparam, int32_t tag, int32_t response, int32_t, int64_t, int32_t,
                  int32_t, int32_t, int32_t);
HTTP("[method]outgoing-body.write") void body_write(int32_t body, struct answer *stream);
HTTP("[static]outgoing-body.finish")
void body_finish(int32_t body, int32_t has_trailers, int32_t trailers, struct long_answer *answer);
HTTP("[resource-drop]outgoing-body") void body_drop(int32_t body);
HTTP("[method]incoming-request.path-with-query")
void request_path(int32_t request, struct answer *path);
HTTP("[method]incoming-request.consume")
void request_body(int32_t request, struct answer *body);
HTTP("[resource-drop]incoming-request") void request_drop(int32_t request);
HTTP("[method]incoming-body.stream")
void request_body_stream(int32_t body, struct answer *stream);
HTTP("[resource-drop]incoming-body") void request_body_drop(int32_t body);
IMPORT("wasi:io/streams@0.2.0", "[resource-drop]input-stream") void input_drop(int32_t stream);
IMPORT("wasi:io/streams@0.2.0", "[resource-drop]output-stream") void output_drop(int32_t stream);

// The command's `main`.
bool exports_wasi_cli_run_run(void);

// The bindings would have their world's type linked; this component has another,
// which the build embeds.
void __component_type_object_force_link_component(void);
void __component_type_object_force_link_component(void)
{
}
void __component_type_object_force_link_kv(void);
void __component_type_object_force_link_kv(void)
{
}

// The request under way: an instance has one at a time.
static struct {
    struct string path;
    int32_t request_body;
    int32_t input;
    bool has_input;
    int32_t response_body;
    int32_t output;
} served;

// ---- What the command calls ----

void over_http_arguments(struct strings *arguments);
void over_http_exit(uint8_t status_code);
struct handle over_http_input(void);
struct handle over_http_output(void);
void over_http_keep_input(struct handle handle);
void over_http_keep_output(struct handle handle);

static int hex(uint8_t digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    digit |= 0x20;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

// Copies a word; data is NULL for want of memory.
static struct string decode(struct string from)
{
    struct string word = {malloc(from.size + 1), 0};
    for (size_t i = 0; i < from.size && word.data != NULL; i++) {
        uint8_t byte = from.data[i];
        if (byte == '%' && i + 2 < from.size && hex(from.data[i + 1]) >= 0 &&
            hex(from.data[i + 2]) >= 0) {
            byte = (uint8_t)(hex(from.data[i + 1]) << 4 | hex(from.data[i + 2]));
            i += 2;
        }
        word.data[word.size++] = byte;
    }
    return word;
}

static void add_word(struct strings *words, struct string from)
{
    struct string word = decode(from);
    if (word.data != NULL && words->count < words_max) {
        words->list[words->count++] = word;
    } else {
        free(word.data);
    }
}

// The program's name, which is empty, and the words of the query.
void over_http_arguments(struct strings *arguments)
{
    *arguments = (struct strings){calloc(words_max, sizeof *arguments->list), 0};
    if (arguments->list == NULL) {
        return;
    }
    add_word(arguments, (struct string){NULL, 0});
    struct string path = served.path;
    uint8_t *at = path.size > 0 ? memchr(path.data, '?', path.size) : NULL;
    while (at != NULL && at + 1 < path.data + path.size) {
        struct string word = {at + 1, (size_t)(path.data + path.size - (at + 1))};
        at = memchr(word.data, '+', word.size);
        word.size = at != NULL ? (size_t)(at - word.data) : word.size;
        add_word(arguments, word);
    }
}

// Comes back, unlike its model: a status has been sent by then, and the command
// returns false after it.
void over_http_exit(uint8_t status_code)
{
    (void)status_code;
}

struct handle over_http_input(void)
{
    return (struct handle){served.input};
}

struct handle over_http_output(void)
{
    return (struct handle){served.output};
}

void over_http_keep_input(struct handle handle)
{
    (void)handle;
}

void over_http_keep_output(struct handle handle)
{
    (void)handle;
}

// ---- The request ----

static void take_request(int32_t request)
{
    struct answer answer;
    memset(&served, 0, sizeof served);
    request_path(request, &answer);
    if (answer.tag == 1) {
        served.path = answer.value.string;
    }
    request_body(request, &answer);
    if (answer.tag == 0) {
        served.request_body = answer.value.handle;
        request_body_stream(served.request_body, &answer);
        served.has_input = answer.tag == 0;
        served.input = answer.value.handle;
    }
}

// False where the host has no body for the response.
static bool begin_response(int32_t outparam)
{
    struct answer answer;
    int32_t response = response_new(fields_new());
    response_body(response, &answer);
    response_set(outparam, 0, response, 0, 0, 0, 0, 0, 0);
    if (answer.tag != 0) {
        return false;
    }
    served.response_body = answer.value.handle;
    body_write(served.response_body, &answer);
    served.output = answer.value.handle;
    return answer.tag == 0;
}

// A body that is dropped and not finished breaks the response off.
static void end_response(bool whole)
{
    output_drop(served.output);
    if (whole) {
        struct long_answer answer; // a client that is gone needs no word
        body_finish(served.response_body, 0, 0, &answer);
    } else {
        body_drop(served.response_body);
    }
}

static void end_request(int32_t request)
{
    if (served.has_input) {
        input_drop(served.input);
        request_body_drop(served.request_body);
    }
    free(served.path.data);
    request_drop(request);
}

__attribute__((export_name("wasi:http/incoming-handler@0.2.0#handle"))) void
over_http_handle(int32_t request, int32_t outparam);
void over_http_handle(int32_t request, int32_t outparam)
{
    take_request(request);
    if (begin_response(outparam)) {
        end_response(served.has_input && exports_wasi_cli_run_run());
    }
    end_request(request);
}
