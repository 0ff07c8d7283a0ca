// html.h: builds an HTML page in memory.
//
// All markup comes from the format strings, which are literals. Everything else is
// inserted by a directive that escapes it, so a value or a name never becomes markup:
//
//   %t  struct bytes: text of an element, or a value of an attribute in double
//       quotes. Bytes that are not UTF-8 become U+FFFD.
//   %v  struct bytes: the name of a bucket or key, as the text of an element. Like %t,
//       but invisible characters, and those that change the direction of text, are
//       shown as escapes in a <span>.
//   %u  struct bytes: part of a URL in a quoted attribute; percent-encoded.
//   %n  uint64_t: in decimal.   %x  uint64_t: 16 hex digits.
//   %s  const char *: markup of our own.
//
// A page that is too large, or that memory runs out for, is `failed`: it ignores what is
// printed, and is not sent.
#ifndef HTML_H
#define HTML_H

#include "core/bytes.h"

enum { page_bytes_max = 64 * 1024 * 1024 };

struct page {
    uint8_t *text;
    size_t size;
    size_t room;
    bool failed;
};

void page_print(struct page *page, const char *format, ...);

// Appends bytes unchanged, such as text that is already escaped.
void page_raw(struct page *page, struct bytes bytes);

static inline struct bytes page_bytes(const struct page *page)
{
    return (struct bytes){page->text, page->size};
}

// Frees and empties.
void page_free(struct page *page);

#endif
