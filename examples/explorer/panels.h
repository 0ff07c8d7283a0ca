// panels.h: the forms by which a bucket is changed.
//
// A form that changes or deletes a value has the field `seen`: the hash of the value
// that was shown (seen_print). change.h compares it with the current value.
#ifndef PANELS_H
#define PANELS_H

#include "kind.h"
#include "place.h"

// Prints the value of a field `seen`: its hash, or `absent`.
void seen_print(struct page *page, bool found, struct bytes value);

// A text field for the value. After a conflict, `text` is what the person typed, and
// `seen` is of the current value.
struct edit {
    struct bytes text;
    struct bytes seen;    // as seen_print prints it
    bool returns;         // line breaks are stored as CR LF
    const char *conflict; // why the text was not saved; NULL at first
};

void panel_edit(struct page *page, const struct place *place, const struct edit *edit);
void panel_replace(struct page *page, const struct place *place, struct bytes seen);
void panel_rename(struct page *page, const struct place *place, struct bytes seen);
void panel_delete(struct page *page, const struct place *place, struct bytes seen);
void panel_new(struct page *page, const struct place *place, struct bytes key);
void panel_import(struct page *page, const struct place *place);

#endif
