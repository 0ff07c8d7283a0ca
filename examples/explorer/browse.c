#include "browse.h"

#include "detail.h"
#include "frame.h"
#include "list.h"
#include "panels.h"

// ---- What the last form did ----

static const struct {
    const char *word;
    const char *text;
} notices[] = {
    {"saved", "Saved."},     {"created", "Created."}, {"renamed", "Renamed."},
    {"deleted", "Deleted."}, {"counted", "Counted."}, {"imported", "Imported."},
};

// Only words from the table are shown, since anybody can make up an address.
static void print_notice(struct page *page, const struct form *query)
{
    struct bytes done = form_value(query, "done");
    for (size_t i = 0; i < sizeof notices / sizeof *notices; i++) {
        struct bytes word = {(const uint8_t *)notices[i].word, strlen(notices[i].word)};
        if (!bytes_equal(done, word)) {
            continue;
        }
        page_print(page, "<p class=\"notice good\" role=\"status\">%s", notices[i].text);
        struct bytes count = form_value(query, "count");
        if (bytes_equal(done, BYTES("imported")) && count.size <= 20) {
            page_print(page, " Keys: %t.", count);
        }
        page_print(page, "</p>\n");
    }
}

static uint64_t number_in(const struct form *query, const char *name)
{
    struct bytes text = form_value(query, name);
    uint64_t number = 0;
    for (size_t i = 0; i < text.size && i < 18 && text.data[i] >= '0' && text.data[i] <= '9'; i++) {
        number = number * 10 + text.data[i] - '0';
    }
    return number;
}

// ---- The details pane ----

static void print_absent(struct page *page, const struct place *place)
{
    struct place list = *place;
    list.key = NULL;
    list.as = NULL;
    page_print(page, "<header class=\"detail-head\">\n<a class=\"back\" href=\"");
    place_print(page, &list, false);
    page_print(page,
               "\">← Keys</a>\n<h1><bdi>%v</bdi></h1>\n</header>\n"
               "<p class=\"none\">There is no such key. You can create it:</p>\n",
               *place->key);
    panel_new(page, &list, *place->key);
}

static void print_chosen(struct page *page, const struct place *place, const struct form *query,
                         struct bytes value)
{
    struct kind kind;
    kind_tell(value, &kind);
    struct page seen_text = {.text = NULL};
    seen_print(&seen_text, true, value);
    struct bytes seen = page_bytes(&seen_text);
    detail_head(page, place, value, &kind);
    if (place_is(place, "edit") && kind.editable && value.size <= detail_edit_bytes_max) {
        panel_edit(page, place,
                   &(struct edit){.text = value, .seen = seen, .returns = kind.returns});
    } else if (place_is(place, "replace")) {
        panel_replace(page, place, seen);
    } else if (place_is(place, "rename")) {
        panel_rename(page, place, seen);
    } else if (place_is(place, "delete")) {
        panel_delete(page, place, seen);
    } else {
        detail_value(page, place, value, &kind, number_in(query, "at"));
    }
    page->failed = page->failed || seen_text.failed;
    page_free(&seen_text);
}

static void print_overview(struct page *page)
{
    page_print(page, "<div class=\"overview\">\n"
                     "<p>Choose a key to see its value.</p>\n"
                     "<div class=\"shortcuts\" id=\"shortcuts\" hidden>\n"
                     "<dl>\n"
                     "<dt><kbd>/</kbd></dt><dd>filter</dd>\n"
                     "<dt><kbd>j</kbd> <kbd>k</kbd></dt><dd>next and previous key</dd>\n"
                     "<dt><kbd>n</kbd></dt><dd>new key</dd>\n"
                     "<dt><kbd>Ctrl</kbd> <kbd>S</kbd></dt><dd>save</dd>\n"
                     "</dl>\n"
                     "<label><input type=\"checkbox\"> Single-key shortcuts</label>\n"
                     "</div>\n"
                     "</div>\n");
}

static bool is_about_bucket(const struct place *place)
{
    return place_is(place, "new") || place_is(place, "import");
}

static bool print_detail(struct page *page, const struct place *place, const struct form *query,
                         const struct bucket *bucket, uint16_t *status, struct failure *failure)
{
    if (place->key != NULL) {
        struct value value;
        if (!store_get(bucket, *place->key, &value, failure)) {
            return false;
        }
        if (value.found) {
            print_chosen(page, place, query, value.bytes);
        } else {
            *status = 404;
            print_absent(page, place);
        }
        store_free(&value);
    } else if (place_is(place, "new")) {
        panel_new(page, place, place->prefix != NULL ? *place->prefix : BYTES(""));
    } else if (place_is(place, "import")) {
        panel_import(page, place);
    } else {
        print_overview(page);
    }
    return true;
}

// ---- The page ----

static bool begin(struct page *page, const struct place *place, const struct bucket *bucket,
                  bool detail, struct failure *failure)
{
    const struct keys_query query = {
        .prefix = place->prefix != NULL ? *place->prefix : BYTES(""),
        .after = place->after,
        .before = place->before,
        .section = place->has_section ? &place->section : NULL,
    };
    struct keys keys;
    bool listed = keys_list(bucket, &query, &keys, failure);
    if (listed) {
        frame_begin(page, place, detail);
        page_print(page, "<main class=\"panes\" id=\"main\">\n");
        if (!detail) {
            page_print(page, "<h1 class=\"unseen\">Bucket %t</h1>\n",
                       place->bucket->size > 0 ? *place->bucket : BYTES("default"));
        }
        list_print(page, place, &keys);
        page_print(page, "<section class=\"detail\" id=\"detail\" aria-label=\"Details\">\n");
    }
    keys_free(&keys);
    return listed;
}

static void end(struct page *page)
{
    page_print(page, "</section>\n</main>\n");
    frame_end(page);
}

bool browse_print(struct page *page, const struct place *place, const struct form *query,
                  const struct bucket *bucket, uint16_t *status, struct failure *failure)
{
    bool detail = place->key != NULL || is_about_bucket(place);
    if (!begin(page, place, bucket, detail, failure)) {
        return false;
    }
    print_notice(page, query);
    if (!print_detail(page, place, query, bucket, status, failure)) {
        return false;
    }
    end(page);
    return true;
}

bool browse_print_conflict(struct page *page, const struct place *place,
                           const struct bucket *bucket, const struct change *change,
                           struct failure *failure)
{
    if (!begin(page, place, bucket, true, failure)) {
        return false;
    }
    struct kind kind;
    kind_tell(change->now.bytes, &kind);
    struct page seen = {.text = NULL};
    seen_print(&seen, change->now.found, change->now.bytes);
    page_print(page, "<h1><bdi>%v</bdi></h1>\n", *place->key);
    const struct edit edit = {.text = change->text,
                              .seen = page_bytes(&seen),
                              .returns = kind.returns,
                              .conflict = change->is_new ? "A key with that name already exists."
                                                         : "Someone else has changed this value "
                                                           "since you opened it."};
    panel_edit(page, place, &edit);
    page->failed = page->failed || seen.failed;
    page_free(&seen);
    end(page);
    return true;
}
