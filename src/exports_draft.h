// exports_draft.h: the exports that both drafts have alike. Included by
// exports.c once for each, with DRAFT() giving the bindings' names of that
// draft; no header to include elsewhere, hence no guard.

bool DRAFT(store_open)(component_string_t *identifier, DRAFT(store_own_bucket_t) * ret,
                       DRAFT(store_error_t) * err)
{
    struct store *store;
    struct bucket *bucket = NULL;
    enum status status = open_bucket(string_bytes(identifier), &store, &bucket);
    component_string_free(identifier);
    if (status == STATUS_OK) {
        // The bucket itself stands behind the handle, of either draft.
        *ret = DRAFT(store_bucket_new)((DRAFT(store_bucket_t) *)bucket);
    }
    return answer(store, status, &err->tag, &err->val.other);
}

void DRAFT(store_bucket_destructor)(DRAFT(store_bucket_t) * rep)
{
    store_close((struct bucket *)rep);
}

bool DRAFT(store_method_bucket_get)(DRAFT(store_borrow_bucket_t) self, component_string_t *key,
                                    component_option_list_u8_t *ret, DRAFT(store_error_t) * err)
{
    bool found = false;
    struct value value = {NULL, 0};
    enum status status = store_get((struct bucket *)self, string_bytes(key), &found, &value);
    component_string_free(key);
    *ret = give_option(found, value);
    return answer(store_of((struct bucket *)self), status, &err->tag, &err->val.other);
}

bool DRAFT(store_method_bucket_set)(DRAFT(store_borrow_bucket_t) self, component_string_t *key,
                                    component_list_u8_t *value, DRAFT(store_error_t) * err)
{
    enum status status = store_set((struct bucket *)self, string_bytes(key), list_bytes(value));
    component_string_free(key);
    component_list_u8_free(value);
    return answer(store_of((struct bucket *)self), status, &err->tag, &err->val.other);
}

bool DRAFT(store_method_bucket_delete)(DRAFT(store_borrow_bucket_t) self, component_string_t *key,
                                       DRAFT(store_error_t) * err)
{
    enum status status = store_delete((struct bucket *)self, string_bytes(key));
    component_string_free(key);
    return answer(store_of((struct bucket *)self), status, &err->tag, &err->val.other);
}

bool DRAFT(store_method_bucket_exists)(DRAFT(store_borrow_bucket_t) self, component_string_t *key,
                                       bool *ret, DRAFT(store_error_t) * err)
{
    *ret = false;
    enum status status = store_exists((struct bucket *)self, string_bytes(key), ret);
    component_string_free(key);
    return answer(store_of((struct bucket *)self), status, &err->tag, &err->val.other);
}

bool DRAFT(batch_get_many)(DRAFT(batch_borrow_bucket_t) bucket, component_list_string_t *keys,
                           component_list_option_tuple2_string_list_u8_t *ret,
                           DRAFT(batch_error_t) * err)
{
    enum status status = get_many((struct bucket *)bucket, keys, ret);
    return answer(store_of((struct bucket *)bucket), status, &err->tag, &err->val.other);
}

bool DRAFT(batch_set_many)(DRAFT(batch_borrow_bucket_t) bucket,
                           component_list_tuple2_string_list_u8_t *key_values,
                           DRAFT(batch_error_t) * err)
{
    enum status status = set_many((struct bucket *)bucket, key_values);
    return answer(store_of((struct bucket *)bucket), status, &err->tag, &err->val.other);
}

bool DRAFT(batch_delete_many)(DRAFT(batch_borrow_bucket_t) bucket, component_list_string_t *keys,
                              DRAFT(batch_error_t) * err)
{
    enum status status = delete_many((struct bucket *)bucket, keys);
    return answer(store_of((struct bucket *)bucket), status, &err->tag, &err->val.other);
}
