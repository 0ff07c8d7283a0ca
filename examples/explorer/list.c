#include "list.h"

static void print_filter(struct page *page, const struct place *place)
{
    page_print(page,
               "<form class=\"filter\" action=\"./\" role=\"search\" aria-label=\"Filter keys\">\n"
               "<input type=\"hidden\" name=\"bucket\" value=\"%t\">\n"
               "<label for=\"prefix\" class=\"unseen\">Keys that begin with</label>\n"
               "<input id=\"prefix\" name=\"prefix\" type=\"search\" value=\"%t\" "
               "placeholder=\"Begins with…\" autocomplete=\"off\" autocapitalize=\"none\" "
               "spellcheck=\"false\" data-shortcut=\"/\">\n"
               "<button>Filter</button>\n"
               "</form>\n",
               *place->bucket, place->prefix != NULL ? *place->prefix : BYTES(""));
}

static void print_name(struct page *page, const struct place *place, struct bytes name)
{
    struct place there = *place;
    there.key = &name;
    there.as = NULL;
    bool current = place->key != NULL && bytes_equal(*place->key, name);
    page_print(page, "<li><a href=\"");
    place_print(page, &there, false);
    page_print(page, "\"%s><bdi>%v</bdi>%s</a></li>\n", current ? " aria-current=\"true\"" : "",
               name, name.size == 0 ? "<i>(the empty key)</i>" : "");
}

// One link of the pager; plain text where there is no such page.
static void print_step(struct page *page, const struct place *to, const char *words)
{
    if (to == NULL) {
        page_print(page, "<span class=\"off\">%s</span>\n", words);
        return;
    }
    page_print(page, "<a href=\"");
    place_print(page, to, false);
    page_print(page, "\">%s</a>\n", words);
}

static void print_pager(struct page *page, const struct place *place, const struct keys *keys)
{
    uint64_t behind = keys->skipped + keys->count;
    if (keys->skipped == 0 && behind >= keys->matching) {
        return;
    }
    struct place first = *place;
    first.after = NULL;
    first.before = NULL;
    first.as = NULL;
    struct place previous = first;
    struct place next = first;
    previous.before = keys->count > 0 ? &keys->names[0] : place->after;
    next.after = keys->count > 0 ? &keys->names[keys->count - 1] : place->before;
    bool back = keys->skipped > 0;
    page_print(page, "<nav class=\"pager\" aria-label=\"Pages of keys\">\n");
    print_step(page, back ? &first : NULL, "First");
    print_step(page, back ? &previous : NULL, "Previous");
    print_step(page, behind < keys->matching ? &next : NULL, "Next");
    page_print(page, "</nav>\n");
}

static void print_count(struct page *page, const struct keys *keys)
{
    if (keys->matching == 0) {
        return;
    }
    page_print(page, "<p class=\"count\">");
    if (keys->count < keys->matching && keys->count > 0) {
        page_print(page, "%n–%n of ", keys->skipped + 1, keys->skipped + keys->count);
    }
    page_print(page, "%n %s</p>\n", keys->matching, keys->matching == 1 ? "key" : "keys");
}

// A bucket that is too large to be scanned for one page.
static void print_sections(struct page *page, const struct place *place, const struct keys *keys)
{
    if (!keys->more && !place->has_section) {
        return;
    }
    struct place there = *place;
    there.after = NULL;
    there.before = NULL;
    there.as = NULL;
    page_print(page, "<p class=\"sections\">Large bucket: this list covers about %n of its keys.\n",
               (uint64_t)keys_scanned_max);
    if (keys->more) {
        there.has_section = true;
        there.section = keys->cursor;
        print_step(page, &there, "Next part");
    }
    if (place->has_section) {
        there.has_section = false;
        print_step(page, &there, "Back to the start");
    }
    page_print(page, "</p>\n");
}

void list_print(struct page *page, const struct place *place, const struct keys *keys)
{
    page_print(page, "<section class=\"keys\" aria-label=\"Keys\">\n");
    print_filter(page, place);
    if (keys->count > 0) {
        page_print(page, "<ul id=\"keys\">\n");
        for (size_t i = 0; i < keys->count; i++) {
            print_name(page, place, keys->names[i]);
        }
        page_print(page, "</ul>\n");
    } else if (place->prefix != NULL && place->prefix->size > 0) {
        page_print(page, "<p class=\"none\">No key begins with <code><bdi>%v</bdi></code>.</p>\n",
                   *place->prefix);
    } else {
        page_print(page, "<p class=\"none\">There are no keys here.</p>\n");
    }
    page_print(page, "<footer>\n");
    print_count(page, keys);
    print_pager(page, place, keys);
    print_sections(page, place, keys);
    page_print(page, "</footer>\n</section>\n");
}
