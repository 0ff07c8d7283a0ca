#include "place.h"

#include "core/hex.h"

bool place_read(const struct form *query, struct place *place)
{
    *place = (struct place){
        .bucket = form_get(query, "bucket"),
        .prefix = form_get(query, "prefix"),
        .after = form_get(query, "after"),
        .before = form_get(query, "before"),
        .key = form_get(query, "key"),
        .as = form_get(query, "as"),
    };
    const struct bytes *section = form_get(query, "section");
    place->has_section = section != NULL;
    return section == NULL || hex_read_u64(section->data, section->size, &place->section);
}

static void print_part(struct page *page, const char *name, const struct bytes *value, bool plain)
{
    if (value != NULL) {
        page_print(page, "%s%s=%u", plain ? "&" : "&amp;", name, *value);
    }
}

void place_print(struct page *page, const struct place *place, bool plain)
{
    page_print(page, "./");
    place_print_query(page, place, plain);
}

void place_print_query(struct page *page, const struct place *place, bool plain)
{
    if (place->bucket == NULL) {
        return;
    }
    page_print(page, "?bucket=%u", *place->bucket);
    print_part(page, "prefix", place->prefix, plain);
    print_part(page, "after", place->after, plain);
    print_part(page, "before", place->before, plain);
    if (place->has_section) {
        page_print(page, "%ssection=%x", plain ? "&" : "&amp;", place->section);
    }
    print_part(page, "key", place->key, plain);
    print_part(page, "as", place->as, plain);
}

bool place_is(const struct place *place, const char *as)
{
    return place->as != NULL &&
           bytes_equal(*place->as, (struct bytes){(const uint8_t *)as, strlen(as)});
}
