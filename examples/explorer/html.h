// html.h: text of an HTML page, put together in memory.
//
// Markup comes from the format strings alone, which are literals. Whatever else
// is inserted goes through a directive that escapes it, so a value or a name can
// never become markup:
//
//   %t  struct bytes: text of an element, or a value of an attribute in double
//       quotes. Bytes that are not UTF-8 become U+FFFD.
//   %v  struct bytes: a name of a bucket or key, as an element's content. As %t, but
//       characters that cannot be seen, or that turn the text around, are shown
//       as escapes in a <span>.
//   %u  struct bytes: a part of a URL, percent-encoded, in a quoted attribute.
//   %n  uint64_t: in decimal.   %x  uint64_t: 16 hex digits.
//   %s  const char *: more of our own markup.
//
// A page for which memory ran out is `failed`, takes nothing more, and is not sent.
#ifndef HTML_H
#define HTML_H

#include "core/bytes.h"

struct page {
    uint8_t *text;
    size_t size;
    size_t room;
    bool failed;
};

void page_print(struct page *page, const char *format, ...);

// Appends bytes as they are: what was escaped already, or is no HTML.
void page_raw(struct page *page, struct bytes bytes);

static inline struct bytes page_bytes(const struct page *page)
{
    return (struct bytes){page->text, page->size};
}

// Frees and empties.
void page_free(struct page *page);

#endif
