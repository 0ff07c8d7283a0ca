// explorer: a page that shows the buckets of a wasi:keyvalue store and changes them.
//
// It keeps no state: each address says what to show (place.h). Every change is a POST
// that ends in a redirect.
#include "assets.h"
#include "browse.h"
#include "change.h"
#include "frame.h"
#include "guard.h"
#include "kind.h"
#include "stream.h"

static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'";

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

// An environment variable; empty if it is not set. An instance reads the variables once
// and never frees them.
static struct bytes setting(struct bytes name)
{
    static explorer_list_tuple2_string_string_t variables;
    if (variables.ptr == NULL) {
        wasi_cli_environment_get_environment(&variables);
    }
    for (size_t i = 0; i < variables.len; i++) {
        if (bytes_equal((struct bytes){variables.ptr[i].f0.ptr, variables.ptr[i].f0.len}, name)) {
            return (struct bytes){variables.ptr[i].f1.ptr, variables.ptr[i].f1.len};
        }
    }
    return BYTES("");
}

// ---- Answers ----

// Sends a page and frees it. If memory ran out, a line says so instead.
static void send_page(struct response *response, uint16_t status, struct page *page)
{
    const struct header headers[] = {
        {"content-type", BYTES("text/html; charset=utf-8")},
        {"content-security-policy", bytes_of(policy)},
        {"cache-control", BYTES("no-store")},
    };
    if (page->failed) {
        status = 507;
        page->size = 0;
    }
    response_send(response, status, headers, sizeof headers / sizeof *headers,
                  page->failed ? BYTES("Not enough memory.\n") : page_bytes(page));
    page_free(page);
}

static void send_failure(struct response *response, const struct place *place,
                         const struct failure *failure)
{
    struct page page = {.text = NULL};
    frame_failure(&page, place, failure);
    send_page(response, failure->status, &page);
}

// Redirects to a place, with a word for what was done.
static void send_redirect(struct response *response, const struct place *place, const char *done,
                          uint64_t count)
{
    struct page address = {.text = NULL};
    place_print(&address, place, true);
    page_print(&address, "&done=%s&count=%n", done, count);
    const struct header headers[] = {
        {"location", page_bytes(&address)},
        {"cache-control", BYTES("no-store")},
    };
    response_send(response, address.failed ? 507 : 303, headers, sizeof headers / sizeof *headers,
                  BYTES(""));
    page_free(&address);
}

static void send_asset(struct response *response, const struct asset *asset)
{
    const struct header headers[] = {
        {"content-type", bytes_of(asset->type)},
        {"content-security-policy",
         BYTES("default-src 'none'; style-src 'unsafe-inline'; sandbox")},
        {"cache-control", BYTES("private, max-age=3600")},
    };
    response_send(response, 200, headers, sizeof headers / sizeof *headers, asset->content);
}

// Sends a value unchanged: as a download, or as a picture for the page to show.
static bool send_value(struct response *response, const struct place *place,
                       const struct bucket *bucket, bool picture, struct failure *failure)
{
    struct value value;
    if (!store_get(bucket, *place->key, &value, failure)) {
        return false;
    }
    struct kind kind;
    kind_tell(value.bytes, &kind);
    if (!value.found || (picture && kind.picture == NULL)) {
        store_free(&value);
        return fail(failure, 404, "There is no such value.");
    }
    struct page disposition = {.text = NULL};
    stream_disposition(&disposition, *place->key, "");
    const struct header headers[] = {
        {"content-type", picture ? bytes_of(kind.picture) : BYTES("application/octet-stream")},
        {"content-security-policy", BYTES("default-src 'none'; sandbox")},
        {"cache-control", BYTES("no-store")},
        {"content-disposition", picture ? BYTES("inline") : page_bytes(&disposition)},
    };
    response_send(response, 200, headers, sizeof headers / sizeof *headers, value.bytes);
    page_free(&disposition);
    store_free(&value);
    return true;
}

// ---- Routes ----

static bool get_from_bucket(struct response *response, const struct request *request,
                            const struct place *place, struct failure *failure)
{
    struct bucket bucket;
    if (!store_open(*place->bucket, &bucket, failure)) {
        return false;
    }
    bool done;
    if (request->route.size == 0) {
        struct page page = {.text = NULL};
        uint16_t status = 200;
        done = browse_print(&page, place, &request->query, &bucket, &status, failure);
        if (done) {
            send_page(response, status, &page);
        }
        page_free(&page);
    } else if (bytes_equal(request->route, BYTES("export"))) {
        done = stream_export(response, place, &bucket, failure);
    } else if (place->key != NULL && bytes_equal(request->route, BYTES("value"))) {
        done = send_value(response, place, &bucket, false, failure);
    } else if (place->key != NULL && bytes_equal(request->route, BYTES("picture"))) {
        done = send_value(response, place, &bucket, true, failure);
    } else {
        done = fail(failure, 404, "There is no such page.");
    }
    store_close(&bucket);
    return done;
}

static bool get(struct response *response, const struct request *request, const struct place *place,
                struct failure *failure)
{
    const struct asset *asset = assets_find(request->route);
    if (asset != NULL) {
        send_asset(response, asset);
        return true;
    }
    if (place->bucket != NULL) {
        return get_from_bucket(response, request, place, failure);
    }
    if (request->route.size > 0) {
        return fail(failure, 404, "There is no such page.");
    }
    struct page page = {.text = NULL};
    frame_home(&page, place, setting(BYTES("EXPLORER_BUCKETS")));
    send_page(response, 200, &page);
    return true;
}

static bool post_form(struct response *response, const struct request *request,
                      const struct place *place, const struct bucket *bucket, struct upload *upload,
                      struct failure *failure)
{
    struct change change;
    enum change_end end = change_make(request->route, place, bucket, upload, &change, failure);
    struct place there = *place;
    there.key = change.has_key ? &change.key : NULL;
    there.as = NULL;
    bool done = end != CHANGE_FAILED;
    if (end == CHANGE_DONE) {
        send_redirect(response, &there, change.done, 0);
    } else if (end == CHANGE_CONFLICT) {
        struct page page = {.text = NULL};
        done = browse_print_conflict(&page, &there, bucket, &change, failure);
        if (done) {
            send_page(response, 409, &page);
        }
        page_free(&page);
    }
    store_free(&change.now);
    return done;
}

static bool post_to_bucket(struct response *response, struct request *request,
                           const struct place *place, const struct bucket *bucket,
                           struct failure *failure)
{
    if (bytes_equal(request->route, BYTES("import"))) {
        uint64_t imported;
        if (!stream_import(request, bucket, &imported, failure)) {
            return false;
        }
        send_redirect(response, place, "imported", imported);
        return true;
    }
    struct upload upload = {.count = 0};
    bool done = upload_read(request, &upload, failure) &&
                post_form(response, request, place, bucket, &upload, failure);
    upload_free(&upload);
    return done;
}

static bool post(struct response *response, struct request *request, const struct place *place,
                 struct failure *failure)
{
    if (!guard_origin(request->authority, request->origin, request->site)) {
        return fail(
            failure, 403,
            "Refused: only this page itself may send changes, and this request does not say that "
            "it comes from here.");
    }
    if (place->bucket == NULL ||
        (!change_known(request->route) && !bytes_equal(request->route, BYTES("import")))) {
        return fail(failure, 404, "There is no such form.");
    }
    struct bucket bucket;
    if (!store_open(*place->bucket, &bucket, failure)) {
        upload_ignore(request);
        return false;
    }
    bool done = post_to_bucket(response, request, place, &bucket, failure);
    store_close(&bucket);
    return done;
}

static bool answer(struct response *response, struct request *request, const struct place *place,
                   struct failure *failure)
{
    switch (request->method) {
    case METHOD_GET:
    case METHOD_HEAD:
        return get(response, request, place, failure);
    case METHOD_POST:
        return post(response, request, place, failure);
    default:
        return fail(failure, 405, "Only GET, HEAD and POST are supported.");
    }
}

// Plain text, for a request with a foreign host name.
static void refuse(struct response *response)
{
    const struct header headers[] = {{"content-type", BYTES("text/plain; charset=utf-8")}};
    response_send(
        response, 403, headers, 1,
        BYTES("This page answers only to the names of this machine: localhost, 127.0.0.1, "
              "[::1].\nSet EXPLORER_HOSTS in its environment to allow others.\n"));
}

void exports_wasi_http_incoming_handler_handle(
    exports_wasi_http_incoming_handler_own_incoming_request_t handle,
    exports_wasi_http_incoming_handler_own_response_outparam_t out)
{
    struct request request;
    struct failure failure = {.status = 500};
    struct place place = {.bucket = NULL};
    bool opened = request_open(&request, handle, &failure);
    struct response response = {.out = out, .head_alone = request.method == METHOD_HEAD};
    if (!guard_host(request.authority, setting(BYTES("EXPLORER_HOSTS")))) {
        refuse(&response);
    } else if (!opened || !place_read(&request.query, &place)) {
        if (opened) {
            fail(&failure, 400, "The address is not valid.");
        }
        send_failure(&response, &(struct place){.bucket = NULL}, &failure);
    } else if (!answer(&response, &request, &place, &failure)) {
        send_failure(&response, &place, &failure);
    }
    request_close(&request);
}
