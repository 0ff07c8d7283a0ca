#include "frame.h"

#include "assets.h"

static void print_title(struct page *page, const struct place *place)
{
    if (place->key != NULL) {
        page_print(page, "%t · ", *place->key);
    }
    if (place->bucket != NULL) {
        page_print(page, "%t · ", *place->bucket);
    }
}

static void print_head(struct page *page, const struct place *place, bool detail)
{
    page_print(page, "<!doctype html>\n"
                     "<html lang=\"en\">\n"
                     "<head>\n"
                     "<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<meta name=\"color-scheme\" content=\"light dark\">\n"
                     "<title>");
    print_title(page, place);
    page_print(page,
               "Key-value explorer</title>\n"
               "<link rel=\"icon\" href=\"explorer.svg?%x\">\n"
               "<link rel=\"stylesheet\" href=\"explorer.css?%x\">\n"
               "<script src=\"explorer.js?%x\" defer></script>\n"
               "</head>\n"
               "<body%s%s>\n",
               assets_version(), assets_version(), assets_version(),
               place->bucket != NULL ? " class=\"bucket" : "",
               place->bucket == NULL ? ""
               : detail              ? " has-detail\""
                                     : "\"");
}

static void print_open_form(struct page *page, const struct place *place, const char *id)
{
    page_print(page,
               "<form class=\"open\" action=\"./\" role=\"search\" aria-label=\"Open a bucket\">\n"
               "<label for=\"%s\">Bucket</label>\n"
               "<input id=\"%s\" name=\"bucket\" value=\"%t\" list=\"recent\" autocomplete=\"off\" "
               "autocapitalize=\"none\" spellcheck=\"false\" placeholder=\"default\">\n"
               "<button%s>Open</button>\n"
               "</form>\n",
               id, id, place->bucket != NULL ? *place->bucket : BYTES(""),
               place->bucket == NULL ? " class=\"primary\"" : "");
}

// Links to what can be done with the bucket as a whole.
static void print_bucket_actions(struct page *page, const struct place *place)
{
    struct place there = {.bucket = place->bucket, .prefix = place->prefix};
    struct bytes import = BYTES("import");
    struct bytes new = BYTES("new");
    page_print(page,
               "<nav class=\"actions\" aria-label=\"The bucket\">\n<a class=\"button\" href=\"");
    there.as = &new;
    place_print(page, &there, false);
    page_print(page, "\" data-shortcut=\"n\">New key</a>\n<a class=\"button\" href=\"");
    there.as = &import;
    place_print(page, &there, false);
    page_print(page,
               "\">Import</a>\n"
               "<a class=\"button\" href=\"export?bucket=%u\" download>Export</a>\n"
               "</nav>\n",
               *place->bucket);
}

static void begin(struct page *page, const struct place *place, bool detail, bool actions)
{
    print_head(page, place, detail);
    page_print(page,
               "<a class=\"skip\" href=\"#%s\">Skip to the content</a>\n"
               "<header class=\"top\">\n"
               "<a class=\"brand\" href=\"./\"><img src=\"explorer.svg\" alt=\"\" width=\"20\" "
               "height=\"20\"><span>Key-value explorer</span></a>\n",
               detail ? "detail" : "main");
    if (place->bucket != NULL) {
        print_open_form(page, place, "open");
    }
    if (actions) {
        print_bucket_actions(page, place);
    }
    page_print(page, "</header>\n<datalist id=\"recent\"></datalist>\n");
}

void frame_begin(struct page *page, const struct place *place, bool detail)
{
    begin(page, place, detail, place->bucket != NULL);
}

void frame_end(struct page *page)
{
    page_print(page, "</body>\n</html>\n");
}

// Links to the names. Blanks around a name are left out.
static void print_known(struct page *page, struct bytes known)
{
    bool any = false;
    while (known.size > 0) {
        size_t size = bytes_find(known, ',');
        struct bytes name = {known.data, size};
        size_t taken = size < known.size ? size + 1 : size;
        known = (struct bytes){known.data + taken, known.size - taken};
        while (name.size > 0 && name.data[0] == ' ') {
            name = (struct bytes){name.data + 1, name.size - 1};
        }
        while (name.size > 0 && name.data[name.size - 1] == ' ') {
            name.size--;
        }
        if (name.size > 0) {
            page_print(page, "%s<li><a href=\"./?bucket=%u\"><bdi>%v</bdi></a></li>\n",
                       any ? "" : "<h2>Buckets</h2>\n<ul class=\"buckets\">\n", name, name);
            any = true;
        }
    }
    page_print(page, "%s", any ? "</ul>\n" : "");
}

void frame_home(struct page *page, const struct place *place, struct bytes known)
{
    frame_begin(page, place, false);
    page_print(page,
               "<main class=\"home\" id=\"main\">\n"
               "<h1>Open a bucket</h1>\n"
               "<p>Type its exact name: wasi:keyvalue cannot list buckets. Leave it empty for "
               "the default bucket.</p>\n");
    print_open_form(page, place, "bucket");
    print_known(page, known);
    page_print(page, "<section id=\"recents\" hidden>\n"
                     "<h2>Recently opened in this browser</h2>\n"
                     "<ul class=\"buckets\"></ul>\n"
                     "<button type=\"button\" class=\"quiet\">Forget these</button>\n"
                     "</section>\n"
                     "</main>\n");
    frame_end(page);
}

void frame_failure(struct page *page, const struct place *place, const struct failure *failure)
{
    begin(page, place, false, false);
    page_print(page,
               "<main class=\"home\" id=\"main\">\n"
               "<h1>That did not work</h1>\n"
               "<p class=\"notice bad\" role=\"alert\">%t</p>\n",
               failure_bytes(failure));
    if (failure->no_bucket) {
        page_print(
            page,
            "<p>Check the spelling. In keyvalue-filesystem a bucket is a directory: create it "
            "with <code>mkdir</code> or <code>kv create-bucket</code>.</p>\n");
    }
    page_print(page, "<p><a href=\"./");
    if (place->bucket != NULL && !failure->no_bucket) {
        page_print(page, "?bucket=%u\">Back to the keys", *place->bucket);
    } else {
        page_print(page, "\">Open another bucket");
    }
    page_print(page, "</a></p>\n</main>\n");
    frame_end(page);
}
