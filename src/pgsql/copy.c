/*
 * copy.c - the binary COPY format: a header, rows, a trailer. PostgreSQL sends one row a message,
 * the header in front of the first one; nothing here relies on it, except that a row is whole.
 */
#include "copy.h"
#include <string.h>

static const char signature[11] = "PGCOPY\n\377\r\n"; /* with its NUL */

#define NULL_LENGTH (-1)
#define TRAILER     (-1)

void wfm_copy_init(wfm_copy_t *c, apr_pool_t *p)
{
    memset(c, 0, sizeof *c);
    c->pool = p;
}

static apr_int32_t int32_at(const char *s)
{
    const unsigned char *b = (const unsigned char *)s;

    return (apr_int32_t)((apr_uint32_t)b[0] << 24 | (apr_uint32_t)b[1] << 16 |
                         (apr_uint32_t)b[2] << 8 | b[3]);
}

static int int16_at(const char *s)
{
    const unsigned char *b = (const unsigned char *)s;

    return (apr_int16_t)(b[0] << 8 | b[1]);
}

/* Signature, flags (none that PostgreSQL 7.4 to 18 sets), and an extension of a told length. */
static int skip_header(const char **data, const char *end)
{
    const char *s = *data;
    apr_int32_t extension;

    if ((apr_size_t)(end - s) < sizeof signature + 8 || memcmp(s, signature, sizeof signature))
        return 0;
    s += sizeof signature + 4;
    extension = int32_at(s);
    s += 4;
    if (extension < 0 || extension > end - s)
        return 0;
    *data = s + extension;
    return 1;
}

static int read_value(wfm_value_t *v, const char **data, const char *end)
{
    const char *s = *data;
    apr_int32_t len;

    if (end - s < 4)
        return 0;
    len = int32_at(s);
    s += 4;
    if (len < NULL_LENGTH || len > end - s)
        return 0;
    *v = len == NULL_LENGTH ? (wfm_value_t){NULL, 0} : (wfm_value_t){s, (apr_size_t)len};
    *data = s + v->len;
    return 1;
}

int wfm_copy_next(wfm_copy_t *c, const char **data, const char *end)
{
    int columns;

    if (!c->begun && !(c->begun = skip_header(data, end)))
        return -1;
    if (*data == end)
        return 0;
    if (end - *data < 2)
        return -1;
    columns = int16_at(*data);
    *data += 2;
    if (columns == TRAILER)
        return *data == end ? 0 : -1;
    if (!c->values && columns > 0) {
        c->columns = columns;
        c->values = apr_palloc(c->pool, sizeof *c->values * (apr_size_t)columns);
    }
    if (columns != c->columns || !columns)
        return -1;
    for (int i = 0; i < columns; i++)
        if (!read_value(&c->values[i], data, end))
            return -1;
    return 1;
}

/* The number of dimensions, a flag, the elements' type; then the dimension: its elements, and the
 * number of the first one. */
int wfm_value_array(const wfm_value_t *array, wfm_value_t *values, int n)
{
    const char *s = array->data, *end = s + array->len;

    if (array->len < 20 || int32_at(s) != 1 || int32_at(s + 12) != n)
        return 0;
    s += 20;
    for (int i = 0; i < n; i++)
        if (!read_value(&values[i], &s, end))
            return 0;
    return s == end;
}
