#include "detail.h"

#include "core/hex.h"
#include "core/utf8.h"
#include "json.h"

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static void print_link(struct page *page, const struct place *place, const char *as,
                       const char *words, bool current, const char *class)
{
    struct place there = *place;
    struct bytes name = bytes_of(as);
    there.as = &name;
    page_print(page, "<a class=\"%s\" href=\"", class);
    place_print(page, &there, false);
    page_print(page, "\"%s>%s</a>\n", current ? " aria-current=\"page\"" : "", words);
}

const char *detail_form(const struct place *place, const struct kind *kind)
{
    if (place_is(place, "hex") || (place_is(place, "text") && kind->text)) {
        return place_is(place, "hex") ? "hex" : "text";
    }
    if (kind->picture != NULL) {
        return "picture";
    }
    if (kind->counter) {
        return "number";
    }
    return kind->json ? "json" : kind->text ? "text" : "hex";
}

static void print_facts(struct page *page, struct bytes value, const struct kind *kind)
{
    const char *what = kind->picture != NULL ? kind->picture
                       : kind->counter       ? "Counter"
                       : kind->json          ? "JSON"
                       : kind->text          ? "Text"
                                             : "Bytes";
    page_print(page, "<p class=\"facts\"><span class=\"what\">%s</span> <span>%n %s</span>", what,
               (uint64_t)value.size, value.size == 1 ? "byte" : "bytes");
    if (kind->returns) {
        page_print(page, " <span>lines end with CR LF</span>");
    }
    page_print(page, "</p>\n");
}

static void print_tabs(struct page *page, const struct place *place, const struct kind *kind)
{
    static const struct {
        const char *form;
        const char *words;
    } tabs[] = {{"picture", "Picture"},
                {"number", "Number"},
                {"json", "JSON"},
                {"text", "Text"},
                {"hex", "Hex"}};
    const bool there[] = {kind->picture != NULL, kind->counter, kind->json, kind->text, true};
    const char *form = detail_form(place, kind);
    bool shown = place->as == NULL || place_is(place, form);
    page_print(page, "<nav class=\"tabs\" aria-label=\"Show as\">\n");
    for (size_t i = 0; i < sizeof tabs / sizeof *tabs; i++) {
        if (there[i]) {
            bool current = shown && strcmp(tabs[i].form, form) == 0;
            print_link(page, place, tabs[i].form, tabs[i].words, current, "tab");
        }
    }
    page_print(page, "</nav>\n");
}

void detail_head(struct page *page, const struct place *place, struct bytes value,
                 const struct kind *kind)
{
    struct place list = *place;
    list.key = NULL;
    list.as = NULL;
    page_print(page, "<header class=\"detail-head\">\n<a class=\"back\" href=\"");
    place_print(page, &list, false);
    page_print(page, "\">← Keys</a>\n<h1><bdi>%v</bdi>%s</h1>\n", *place->key,
               place->key->size == 0 ? "<i>(the empty key)</i>" : "");
    print_facts(page, value, kind);
    page_print(page, "</header>\n<div class=\"bar\">\n");
    print_tabs(page, place, kind);
    page_print(page, "<nav class=\"actions\" aria-label=\"The key\">\n");
    if (kind->editable && value.size <= detail_edit_bytes_max) {
        print_link(page, place, "edit", "Edit", place_is(place, "edit"), "button");
    }
    print_link(page, place, "replace", "Replace", place_is(place, "replace"), "button");
    print_link(page, place, "rename", "Rename", place_is(place, "rename"), "button");
    page_print(page,
               "<a class=\"button\" href=\"value?bucket=%u&amp;key=%u\" download>Download</a>\n",
               *place->bucket, *place->key);
    print_link(page, place, "delete", "Delete", place_is(place, "delete"), "button danger");
    page_print(page, "</nav>\n</div>\n");
}

// ---- Hex ----

static void print_row(struct page *page, struct bytes value, size_t at)
{
    uint8_t offset[16];
    hex_write_u64(at, offset);
    page_print(page, "<span class=\"offset\">%t</span>  ", (struct bytes){offset + 8, 8});
    char text[3 * 16 + 2 + 1] = {0};
    size_t size = 0;
    uint8_t seen[16];
    size_t count = value.size - at < 16 ? value.size - at : 16;
    for (size_t i = 0; i < 16; i++) {
        uint8_t byte = i < count ? value.data[at + i] : 0;
        text[size++] = i < count ? (char)hex_digit(byte >> 4) : ' ';
        text[size++] = i < count ? (char)hex_digit(byte & 15) : ' ';
        text[size++] = ' ';
        if (i == 7) {
            text[size++] = ' ';
        }
        seen[i] = byte >= 0x20 && byte < 0x7F ? byte : '.';
    }
    page_print(page, "%s  <span class=\"ascii\">%t</span>\n", text, (struct bytes){seen, count});
}

static void print_hex(struct page *page, const struct place *place, struct bytes value, uint64_t at)
{
    size_t begin = at < value.size ? (size_t)at & ~(size_t)15 : 0;
    size_t end =
        value.size - begin > detail_hex_bytes_max ? begin + detail_hex_bytes_max : value.size;
    page_print(page, "<pre class=\"value hex\" tabindex=\"0\" aria-label=\"Value in hex\">");
    for (size_t row = begin; row < end; row += 16) {
        print_row(page, value, row);
    }
    page_print(page, "</pre>\n");
    if (begin == 0 && end == value.size) {
        return;
    }
    page_print(
        page,
        "<nav class=\"pager\" aria-label=\"Pages of bytes\">\n<span>Bytes %n–%n of %n</span>\n",
        (uint64_t)begin, (uint64_t)end - 1, (uint64_t)value.size);
    struct place there = *place;
    struct bytes hex = BYTES("hex");
    there.as = &hex;
    if (begin > 0) {
        size_t previous = begin > detail_hex_bytes_max ? begin - detail_hex_bytes_max : 0;
        page_print(page, "<a href=\"");
        place_print(page, &there, false);
        page_print(page, "&amp;at=%n\">Previous</a>\n", (uint64_t)previous);
    }
    if (end < value.size) {
        page_print(page, "<a href=\"");
        place_print(page, &there, false);
        page_print(page, "&amp;at=%n\">Next</a>\n", (uint64_t)end);
    }
    page_print(page, "</nav>\n");
}

// ---- The others ----

static void print_increment(struct page *page, const struct place *place)
{
    struct place there = *place;
    there.as = NULL;
    page_print(page, "<form class=\"increment\" method=\"post\" enctype=\"multipart/form-data\" "
                     "action=\"increment");
    place_print_query(page, &there, false);
    page_print(page, "\">\n"
                     "<label for=\"delta\">Add</label>\n"
                     "<input id=\"delta\" name=\"delta\" value=\"1\" inputmode=\"numeric\" "
                     "pattern=\"[0-9]{1,20}\" size=\"6\" autocomplete=\"off\" required>\n"
                     "<button class=\"primary\">Increment</button>\n"
                     "</form>\n");
}

static void print_number(struct page *page, const struct place *place, uint64_t count)
{
    page_print(page, "<p class=\"value number\">%n</p>\n", count);
    if (count > INT64_MAX) {
        page_print(page,
                   "<p class=\"note\">As a signed number, which 0.2.0-draft2 counts in: −%n</p>\n",
                   ~count + 1);
    }
    print_increment(page, place);
}

static void print_text(struct page *page, struct bytes value)
{
    struct bytes shown = value;
    if (shown.size > detail_text_bytes_max) {
        shown.size = detail_text_bytes_max;
        while (shown.size > 0 && (value.data[shown.size] & 0xC0) == 0x80) {
            shown.size--; // not inside a character
        }
    }
    if (value.size == 0) {
        page_print(page, "<p class=\"none\">The value is empty.</p>\n");
        return;
    }
    page_print(page, "<pre class=\"value\" tabindex=\"0\" aria-label=\"Value\">\n%t</pre>\n",
               shown);
    if (shown.size < value.size) {
        page_print(page,
                   "<p class=\"note\">The first %n bytes are shown; download it to see all.</p>\n",
                   (uint64_t)shown.size);
    }
}

void detail_value(struct page *page, const struct place *place, struct bytes value,
                  const struct kind *kind, uint64_t at)
{
    const char *form = detail_form(place, kind);
    if (strcmp(form, "picture") == 0) {
        page_print(page,
                   "<p class=\"value picture\"><img src=\"picture?bucket=%u&amp;key=%u\" "
                   "alt=\"The value as a picture\"></p>\n",
                   *place->bucket, *place->key);
    } else if (strcmp(form, "number") == 0) {
        print_number(page, place, kind->count);
    } else if (strcmp(form, "json") == 0 && value.size <= detail_text_bytes_max) {
        page_print(page, "<pre class=\"value json\" tabindex=\"0\" aria-label=\"Value\">\n");
        json_print(page, value);
        page_print(page, "</pre>\n");
    } else if (strcmp(form, "hex") == 0) {
        print_hex(page, place, value, at);
    } else {
        print_text(page, value);
        if (kind->decimal) {
            print_increment(page, place);
        }
    }
}
