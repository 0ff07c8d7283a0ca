// draft2.c: wasi:keyvalue@0.2.0-draft2: cursors are text, counters signed, and
// there is compare-and-swap.
#include "suite.h"

const struct cursor draft_last_cursor = {.some = true, .text = "FFFFFFFFFFFFFFFF", .size = 16};
const int64_t draft_largest = INT64_MAX;

bool draft_list(bucket_handle bucket, struct cursor *cursor, component_list_string_t *keys)
{
    component_string_t given = string_of((struct bytes){cursor->text, cursor->size});
    store_key_response_t response;
    store_error_t error;
    *keys = (component_list_string_t){NULL, 0};
    if (!store_method_bucket_list_keys(bucket, cursor->some ? &given : NULL, &response, &error)) {
        return say(&error);
    }
    *keys = response.keys;
    *cursor = (struct cursor){.some = response.cursor.is_some};
    if (cursor->some) {
        bool fits = response.cursor.val.len <= sizeof cursor->text;
        want(fits, "a longer cursor than any known");
        cursor->size = fits ? response.cursor.val.len : 0;
        memcpy(cursor->text, response.cursor.val.ptr, cursor->size);
        component_string_free(&response.cursor.val);
    }
    return true;
}

bool draft_increment(bucket_handle bucket, struct bytes key, int64_t delta, int64_t *sum)
{
    component_string_t string = string_of(key);
    store_error_t error;
    *sum = 0;
    return atomics_increment(bucket, &string, delta, sum, &error) || say(&error);
}

// ---- Compare-and-swap ----

static bool call_cas(bucket_handle bucket, const char *key, atomics_own_cas_t *cas)
{
    component_string_t string = string_of(text(key));
    store_error_t error;
    return atomics_static_cas_new(bucket, &string, cas, &error) || say(&error);
}

// `value` NULL: there is none.
static void want_current(atomics_own_cas_t cas, const char *value)
{
    component_option_list_u8_t got = {.is_some = false};
    store_error_t error;
    want_ok(atomics_method_cas_current(atomics_borrow_cas(cas), &got, &error) || say(&error),
            "current");
    want(got.is_some == (value != NULL), "current finds a value where none is, or none");
    want(!got.is_some || value == NULL ||
             bytes_equal((struct bytes){got.val.ptr, got.val.len}, text(value)),
         "current gives another value");
    component_option_list_u8_free(&got);
}

static bool call_swap(atomics_own_cas_t cas, const char *value, atomics_cas_error_t *failed)
{
    component_list_u8_t list = list_of(text(value));
    return atomics_swap(cas, &list, failed);
}

static void want_swap(atomics_own_cas_t cas, const char *value)
{
    atomics_cas_error_t failed;
    if (call_swap(cas, value, &failed)) {
        return;
    }
    if (failed.tag == ATOMICS_CAS_ERROR_STORE_ERROR) {
        want_ok(say(&failed.val.store_error), "swap");
    } else {
        want(false, "swap: cas-failed");
        atomics_cas_drop_own(failed.val.cas_failed);
    }
}

// The swap fails, and the handle that it gives shows `value`.
static bool want_failed_swap(atomics_own_cas_t cas, const char *value, atomics_own_cas_t *fresh)
{
    atomics_cas_error_t failed;
    if (call_swap(cas, "mine", &failed)) {
        want(false, "swap succeeded on another value");
        return false;
    }
    if (failed.tag == ATOMICS_CAS_ERROR_STORE_ERROR) {
        want_ok(say(&failed.val.store_error), "swap");
        return false;
    }
    *fresh = failed.val.cas_failed;
    want_current(*fresh, value);
    return true;
}

static void check_current(bucket_handle bucket)
{
    atomics_own_cas_t cas;
    want_set(bucket, "k", "one");
    bool made = call_cas(bucket, "k", &cas);
    want_ok(made, "cas");
    if (made) {
        want_current(cas, "one");
        want_set(bucket, "k", "two");
        want_current(cas, "one"); // what it saw, not what is
        atomics_cas_drop_own(cas);
    }
    want_delete(bucket, "k");
}

static void check_swap(bucket_handle bucket)
{
    atomics_own_cas_t cas;
    bool made = call_cas(bucket, "k", &cas);
    want_ok(made, "cas");
    if (made) {
        want_current(cas, NULL);
        want_swap(cas, "one");
        want_value(bucket, "k", "one");
    }
    if (call_cas(bucket, "k", &cas)) {
        want_swap(cas, "two");
        want_value(bucket, "k", "two");
    }
    want_delete(bucket, "k");
}

static void check_failed_swap(bucket_handle bucket)
{
    atomics_own_cas_t cas;
    want_set(bucket, "k", "one");
    bool made = call_cas(bucket, "k", &cas);
    want_ok(made, "cas");
    want_set(bucket, "k", "theirs");
    if (made && want_failed_swap(cas, "theirs", &cas)) {
        want_value(bucket, "k", "theirs");
        want_delete(bucket, "k");
        if (want_failed_swap(cas, NULL, &cas)) {
            want_absent(bucket, "k");
            want_swap(cas, "mine");
            want_value(bucket, "k", "mine");
        }
    }
    want_delete(bucket, "k");
}

static void check_negative(bucket_handle bucket)
{
    want_sum(bucket, "n", -2, -2);
    want_bytes(bucket, text("n"), BYTES("\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF"));
    want_sum(bucket, "n", INT64_MIN + 2, INT64_MIN);
    int64_t sum;
    want_error(draft_increment(bucket, text("n"), -1, &sum), ANSWER_OTHER, "");
    want_sum(bucket, "n", 0, INT64_MIN);
    want_delete(bucket, "n");
}

static void check_bad_cursor(bucket_handle bucket)
{
    struct cursor cursor = {.some = true, .text = "not a cursor", .size = 12};
    component_list_string_t keys;
    want_error(draft_list(bucket, &cursor, &keys), ANSWER_OTHER, "cursor");
    component_list_string_free(&keys);
}

static const struct check checks[] = {
    {"list-keys: text that is no cursor", check_bad_cursor},
    {"increment: negative numbers", check_negative},
    {"cas: current", check_current},
    {"cas: swap", check_swap},
    {"cas: swap of another value fails", check_failed_swap},
};

const struct checks draft_checks = {checks, sizeof checks / sizeof *checks};
