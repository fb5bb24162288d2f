/*
 * bytes.c - appends to an array more than an element at a time.
 */
#include "bytes.h"
#include <string.h>

void wfm_bytes_append(apr_array_header_t *bytes, const char *data, apr_size_t len)
{
    int at = bytes->nelts;

    if (!len)
        return;
    while (bytes->nalloc < at + (int)len) { /* APR grows by one element */
        apr_array_push(bytes);
        bytes->nelts = bytes->nalloc;
    }
    memcpy(bytes->elts + at, data, len);
    bytes->nelts = at + (int)len;
}
