/*
 * json_own.c - owns that json-c's objects end with a pool, and that their memory goes back to the
 * system.
 */
#include "json.h"
#ifdef __GLIBC__
#include <malloc.h>
#endif

static apr_status_t put_object(void *data)
{
    json_object_put(data);
    return APR_SUCCESS;
}

#define LARGE_TEXT 16384

/* glibc joins small pieces that are free, and gives back what is behind the last one in use, when a
 * piece of 64 KB or more is freed; it takes one of 128 KB from elsewhere. */
#define JOINING_PIECE 98304

/**
 * Small pieces that are free again stay with the process, one thread's heap after the other's,
 * until a larger one is freed in the same heap.
 */
static apr_status_t put_large(void *data)
{
    json_object_put(data);
    json_object_put(json_object_new_array_ext(JOINING_PIECE / sizeof(void *)));
    return APR_SUCCESS;
}

/* What is made of so many values takes some 200 KB, of objects 1.5 MB. */
#define MANY_VALUES 2000

/**
 * What lies below a piece that the request still holds is given back by malloc_trim alone. That
 * goes through all threads' heaps, under their locks, which takes tens of milliseconds where
 * httpd's children are large: not for bodies as clients send them.
 */
static apr_status_t put_many(void *data)
{
    json_object_put(data);
#ifdef __GLIBC__
    malloc_trim(0);
#endif
    return put_large(NULL);
}

void wfm_json_own(apr_pool_t *p, json_object *json)
{
    apr_pool_cleanup_register(p, json, put_object, apr_pool_cleanup_null);
}

void wfm_json_own_built(apr_pool_t *p, json_object *json, int values, apr_size_t len)
{
    if (values > MANY_VALUES)
        apr_pool_cleanup_register(p, json, put_many, apr_pool_cleanup_null);
    else
        apr_pool_cleanup_register(p, json, len > LARGE_TEXT ? put_large : put_object,
                                  apr_pool_cleanup_null);
}
