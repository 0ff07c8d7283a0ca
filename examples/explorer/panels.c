#include "panels.h"

#define POST_FORM "method=\"post\" enctype=\"multipart/form-data\""

void seen_print(struct page *page, bool found, struct bytes value)
{
    if (found) {
        page_print(page, "%x", kind_hash(value));
    } else {
        page_print(page, "absent");
    }
}

// `focus`: a stray Enter cancels.
static void print_cancel(struct page *page, const struct place *place, bool focus)
{
    struct place there = *place;
    there.as = NULL;
    page_print(page, "<a class=\"button\"%s href=\"", focus ? " autofocus" : "");
    place_print(page, &there, false);
    page_print(page, "\">Cancel</a>\n");
}

// The beginning of a form about the bucket or the key; `route` is where it is sent to. It
// takes the place along, so that the same list is shown afterwards.
static void begin_form(struct page *page, const struct place *place, const char *route,
                       const char *class)
{
    struct place there = *place;
    there.as = NULL;
    page_print(page, "<form class=\"%s\" " POST_FORM " action=\"%s", class, route);
    place_print_query(page, &there, false);
    page_print(page, "\">\n");
}

static void print_seen(struct page *page, struct bytes seen)
{
    page_print(page, "<input type=\"hidden\" name=\"seen\" value=\"%t\">\n", seen);
}

void panel_edit(struct page *page, const struct place *place, const struct edit *edit)
{
    if (edit->conflict != NULL) {
        struct place there = *place;
        there.as = NULL;
        page_print(page,
                   "<div class=\"notice bad\" role=\"alert\">\n"
                   "<p><strong>%s</strong> Nothing was saved; your text is below.</p>\n"
                   "<p><a href=\"",
                   edit->conflict);
        place_print(page, &there, false);
        page_print(page,
                   "\" target=\"_blank\">Show the current value</a> (opens in a new tab).</p>\n"
                   "</div>\n");
    }
    begin_form(page, place, "set", "panel edit");
    print_seen(page, edit->seen);
    // A browser drops the first line break of a text field.
    page_print(page,
               "%s<label for=\"text\" class=\"unseen\">Value</label>\n"
               "<textarea id=\"text\" name=\"text\" spellcheck=\"false\" autocapitalize=\"none\" "
               "autocomplete=\"off\" autofocus>\n%t</textarea>\n"
               "<div class=\"buttons\"><button class=\"primary\">%s</button>\n",
               edit->returns ? "<input type=\"hidden\" name=\"returns\" value=\"1\">\n" : "",
               edit->text, edit->conflict != NULL ? "Overwrite with my text" : "Save");
    print_cancel(page, place, false);
    page_print(page, "</div>\n</form>\n");
}

void panel_replace(struct page *page, const struct place *place, struct bytes seen)
{
    begin_form(page, place, "set", "panel");
    print_seen(page, seen);
    page_print(page, "<h2>Replace the value with a file</h2>\n"
                     "<p><label for=\"file\">File</label>\n"
                     "<input id=\"file\" name=\"file\" type=\"file\" required></p>\n"
                     "<div class=\"buttons\"><button class=\"primary\">Replace</button>\n");
    print_cancel(page, place, false);
    page_print(page, "</div>\n</form>\n");
}

void panel_rename(struct page *page, const struct place *place, struct bytes seen)
{
    begin_form(page, place, "rename", "panel");
    print_seen(page, seen);
    page_print(
        page,
        "<h2>Rename the key</h2>\n"
        "<p><label for=\"to\">New name</label>\n"
        "<input id=\"to\" name=\"to\" value=\"%t\" autocomplete=\"off\" "
        "autocapitalize=\"none\" spellcheck=\"false\" autofocus></p>\n"
        "<p class=\"note\">wasi:keyvalue cannot rename: the value is stored under the new name, "
        "then the old key is deleted. For a moment both exist.</p>\n"
        "<div class=\"buttons\"><button class=\"primary\">Rename</button>\n",
        *place->key);
    print_cancel(page, place, false);
    page_print(page, "</div>\n</form>\n");
}

void panel_delete(struct page *page, const struct place *place, struct bytes seen)
{
    begin_form(page, place, "delete", "panel");
    print_seen(page, seen);
    page_print(page,
               "<h2>Delete this key?</h2>\n"
               "<p>The key <code><bdi>%v</bdi></code> and its value will be deleted. This "
               "cannot be undone.</p>\n"
               "<div class=\"buttons\"><button class=\"danger\">Delete</button>\n",
               *place->key);
    print_cancel(page, place, true);
    page_print(page, "</div>\n</form>\n");
}

void panel_new(struct page *page, const struct place *place, struct bytes key)
{
    begin_form(page, place, "set", "panel edit");
    page_print(
        page,
        "<h1>New key</h1>\n"
        "<input type=\"hidden\" name=\"seen\" value=\"absent\">\n"
        "<p><label for=\"key\">Key</label>\n"
        "<input id=\"key\" name=\"key\" value=\"%t\" autocomplete=\"off\" "
        "autocapitalize=\"none\" spellcheck=\"false\" autofocus></p>\n"
        "<label for=\"text\">Text</label>\n"
        "<textarea id=\"text\" name=\"text\" spellcheck=\"false\" autocapitalize=\"none\" "
        "autocomplete=\"off\"></textarea>\n"
        "<p><label for=\"file\">or a file</label>\n"
        "<input id=\"file\" name=\"file\" type=\"file\"></p>\n"
        "<p class=\"note\">If you leave the key empty, a file is stored under its own name.</p>\n"
        "<div class=\"buttons\"><button class=\"primary\">Create</button>\n"
        "<button formaction=\"increment?bucket=%u\" name=\"delta\" value=\"1\">Start a "
        "counter at 1</button>\n",
        key, *place->bucket);
    print_cancel(page, place, false);
    page_print(page, "</div>\n</form>\n");
}

void panel_import(struct page *page, const struct place *place)
{
    begin_form(page, place, "import", "panel");
    page_print(page,
               "<h1>Import</h1>\n"
               "<p>Choose a file that was written by Export, here or with <code>kv export</code>. "
               "Existing keys are overwritten; other keys stay.</p>\n"
               "<p><label for=\"archive\">File</label>\n"
               "<input id=\"archive\" name=\"archive\" type=\"file\" required></p>\n"
               "<div class=\"buttons\"><button class=\"primary\">Import</button>\n");
    print_cancel(page, place, false);
    page_print(page, "</div>\n</form>\n");
}
