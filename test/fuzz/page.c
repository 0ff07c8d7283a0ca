// What the explorer's parsers read is read alike however it is cut into pieces; what
// its page prints has no markup but its own, and comes back as it was.
#include "explorer/form.h"
#include "explorer/guard.h"
#include "explorer/json.h"
#include "explorer/kind.h"
#include "explorer/multipart.h"
#include "fuzz.h"

#include <stdlib.h>

// ---- Forms ----

// Everything that a reading gives, with a mark for each event.
static void collect(struct bytes type, struct bytes body, size_t step, struct page *all)
{
    struct multipart multipart = {.state = 0};
    if (!multipart_begin(&multipart, type)) {
        return;
    }
    enum multipart_event event = MULTIPART_HUNGRY;
    while (body.size > 0 && event != MULTIPART_WRONG) {
        struct bytes taken = fuzz_take(&body, step);
        uint8_t *exact = malloc(taken.size + 1); // so that the sanitizer sees a read beyond the end
        MUST(exact != NULL);
        memcpy(exact + 1, taken.data, taken.size);
        struct bytes piece = {exact + 1, taken.size};
        do {
            event = multipart_read(&multipart, &piece);
            if (event == MULTIPART_PART) {
                page_raw(all, multipart.name);
                page_raw(all, BYTES("|"));
                page_raw(all, multipart.file);
            } else if (event == MULTIPART_DATA) {
                MUST(multipart.data.size > 0);
                page_raw(all, multipart.data);
            }
            if (event != MULTIPART_DATA && event != MULTIPART_HUNGRY) {
                page_print(all, "<%n>", (uint64_t)event);
            }
        } while (event != MULTIPART_HUNGRY && event != MULTIPART_WRONG);
        free(exact);
    }
    MUST(!all->failed);
}

static void check_multipart(struct bytes type, struct bytes body, size_t step)
{
    struct page whole = {.text = NULL};
    struct page pieces = {.text = NULL};
    collect(type, body, body.size > 0 ? body.size : 1, &whole);
    collect(type, body, step, &pieces);
    MUST(bytes_equal(page_bytes(&whole), page_bytes(&pieces)));
    page_free(&whole);
    page_free(&pieces);
}

static bool contains(struct bytes bytes, struct bytes text)
{
    for (size_t at = 0; at + text.size <= bytes.size; at++) {
        if (memcmp(bytes.data + at, text.data, text.size) == 0) {
            return true;
        }
    }
    return false;
}

// Any content that has no delimiter comes out of a form as it went in.
static void check_content(struct bytes content, size_t step)
{
    if (contains(content, BYTES("\r\n--x"))) {
        return;
    }
    struct page form = {.text = NULL};
    struct page read = {.text = NULL};
    struct page expected = {.text = NULL};
    page_print(&form, "--x\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n");
    page_raw(&form, content);
    page_print(&form, "\r\n--x--\r\n");
    collect(BYTES("multipart/form-data; boundary=x"), page_bytes(&form), step, &read);
    page_print(&expected, "f|<%n>", (uint64_t)MULTIPART_PART);
    page_raw(&expected, content);
    page_print(&expected, "<%n><%n>", (uint64_t)MULTIPART_PART_END, (uint64_t)MULTIPART_END);
    MUST(bytes_equal(page_bytes(&read), page_bytes(&expected)));
    page_free(&form);
    page_free(&read);
    page_free(&expected);
}

// A query is read, written, and read again.
static void check_query(struct bytes input)
{
    uint8_t *text = malloc(input.size > 0 ? input.size : 1);
    MUST(text != NULL);
    memcpy(text, input.data, input.size);
    struct form form;
    struct form again;
    struct page page = {.text = NULL};
    if (form_parse(text, input.size, &form)) {
        for (size_t i = 0; i < form.count; i++) {
            page_print(&page, "%s%u=%u", i > 0 ? "&" : "", form.fields[i].name,
                       form.fields[i].value);
        }
        MUST(form_parse(page.text, page.size, &again) && again.count == form.count);
        for (size_t i = 0; i < form.count; i++) {
            MUST(bytes_equal(form.fields[i].name, again.fields[i].name));
            MUST(bytes_equal(form.fields[i].value, again.fields[i].value));
        }
    }
    page_free(&page);
    free(text);
}

// ---- Pages ----

// The text of what was printed: without its tags, which may be spans with a class alone,
// and with its references resolved.
static void undo(struct bytes printed, struct page *text)
{
    static const struct {
        struct bytes reference;
        const char *character;
    } references[] = {{{(const uint8_t *)"&amp;", 5}, "&"},
                      {{(const uint8_t *)"&lt;", 4}, "<"},
                      {{(const uint8_t *)"&gt;", 4}, ">"},
                      {{(const uint8_t *)"&quot;", 6}, "\""},
                      {{(const uint8_t *)"&#39;", 5}, "'"}};
    while (printed.size > 0) {
        if (printed.data[0] == '<') {
            size_t end = bytes_find(printed, '>');
            struct bytes tag = fuzz_take(&printed, end + 1);
            MUST((tag.size > 13 && memcmp(tag.data, "<span class=\"", 13) == 0) ||
                 bytes_equal(tag, BYTES("</span>")));
            continue;
        }
        size_t i = 0;
        while (i < 5 && (printed.size < references[i].reference.size ||
                         memcmp(printed.data, references[i].reference.data,
                                references[i].reference.size) != 0)) {
            i++;
        }
        if (i < 5) {
            fuzz_take(&printed, references[i].reference.size);
            page_print(text, "%s", references[i].character);
        } else {
            MUST(memchr("&>\"'", printed.data[0], 4) == NULL);
            page_raw(text, fuzz_take(&printed, 1));
        }
    }
}

static void check_escapes(struct bytes input, const struct kind *kind)
{
    struct page page = {.text = NULL};
    struct page text = {.text = NULL};
    page_print(&page, "%t", input);
    undo(page_bytes(&page), &text);
    if (kind->text) {
        MUST(bytes_equal(page_bytes(&text), input));
    }
    page_print(&page, "%v%u", input, input);
    text.size = 0;
    undo(page_bytes(&page), &text);
    page_free(&page);
    page_free(&text);
}

// What is printed is JSON, and is printed alike again.
static void check_json(struct bytes input)
{
    if (!json_valid(input)) {
        return;
    }
    struct page page = {.text = NULL};
    struct page text = {.text = NULL};
    json_print(&page, input);
    undo(page_bytes(&page), &text);
    MUST(json_valid(page_bytes(&text)));
    struct page again = {.text = NULL};
    json_print(&again, page_bytes(&text));
    MUST(bytes_equal(page_bytes(&page), page_bytes(&again)));
    page_free(&page);
    page_free(&text);
    page_free(&again);
}

void fuzz_page(struct bytes input)
{
    size_t step = 1u + fuzz_byte(&input) % 16;
    struct kind kind;
    kind_tell(input, &kind);
    MUST(!kind.editable || kind.text);
    MUST(!(kind.counter && kind.text));
    check_escapes(input, &kind);
    check_json(input);
    check_query(input);
    check_content(input, step);
    struct bytes body = input;
    struct bytes type = fuzz_take(&body, bytes_find(body, '\n'));
    check_multipart(type, body, step);
    check_multipart(BYTES("multipart/form-data; boundary=x"), input, step);
    // A name is allowed for what comes before its port; another in front of it spoils it.
    if (guard_host(type, BYTES(""))) {
        MUST(type.size >= 5);
        struct page longer = {.text = NULL};
        page_raw(&longer, type);
        page_raw(&longer, BYTES(".example"));
        MUST(!guard_host(page_bytes(&longer), BYTES("")));
        page_free(&longer);
    }
}
