// exports_draft.h: the exports that both drafts have in common. Included by
// exports.c once for each, with DRAFT() naming our functions and INTERFACE() an
// interface of that draft; no header to include elsewhere, hence no guard.

RESOURCE(INTERFACE("store"), "[resource-new]bucket")
int32_t DRAFT(bucket_new)(struct bucket *bucket);

EXPORT(INTERFACE("store") "#open", struct answer *, DRAFT(open), uint8_t *name, size_t size)
{
    return export_open(name, size, DRAFT(bucket_new));
}

EXPORT(INTERFACE("store") "#[dtor]bucket", void, DRAFT(bucket_destructor), struct bucket *bucket)
{
    store_close(bucket);
}

EXPORT(INTERFACE("store") "#[method]bucket.get", struct answer *, DRAFT(get), struct bucket *bucket,
       uint8_t *key, size_t size)
{
    return export_get(bucket, key, size);
}

AFTER(INTERFACE("store") "#[method]bucket.get", DRAFT(after_get))

EXPORT(INTERFACE("store") "#[method]bucket.set", struct answer *, DRAFT(set), struct bucket *bucket,
       uint8_t *key, size_t size, uint8_t *value, size_t value_size)
{
    return export_set(bucket, key, size, value, value_size);
}

EXPORT(INTERFACE("store") "#[method]bucket.delete", struct answer *, DRAFT(delete),
       struct bucket *bucket, uint8_t *key, size_t size)
{
    return export_delete(bucket, key, size);
}

EXPORT(INTERFACE("store") "#[method]bucket.exists", struct answer *, DRAFT(exists),
       struct bucket *bucket, uint8_t *key, size_t size)
{
    return export_exists(bucket, key, size);
}

EXPORT(INTERFACE("batch") "#set-many", struct answer *, DRAFT(set_many), struct bucket *bucket,
       struct pair *pairs, size_t count)
{
    return export_set_many(bucket, pairs, count);
}

EXPORT(INTERFACE("batch") "#delete-many", struct answer *, DRAFT(delete_many),
       struct bucket *bucket, struct buffer *keys, size_t count)
{
    return export_delete_many(bucket, keys, count);
}
