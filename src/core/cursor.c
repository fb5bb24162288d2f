/*
 * cursor.c - owns the form of cursors.
 *
 * Before base64 it is "1 DIGEST ID FLOOR", and "=KEY" behind it where there is one: a version,
 * sixteen hex digits, two integers.
 */
#include "cursor.h"
#include "dimfilter.h"
#include "metricfilter.h"
#include "number.h"
#include "text.h"
#include <apr_encode.h>
#include <apr_lib.h>
#include <apr_siphash.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define VERSION "1"
#define DIGEST  16

/* ---- which list ---- */

/* A chain of hashes: the key of each is the one before it. */
static void mix(apr_uint64_t *digest, const void *data, apr_size_t len)
{
    apr_uint64_t key[2] = {*digest, len};

    *digest = apr_siphash24(data, len, (const unsigned char *)key);
}

static void mix_text(apr_uint64_t *digest, const char *text)
{
    mix(digest, text ? text : "", text ? strlen(text) + 1 : 0);
}

static int is_part(const wfm_arg_t *arg)
{
    static const char *const parts[] = {"offset", "limit", "cursor", "raw_data"};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strcmp(arg->name, parts[i]))
            return 1;
    return 0;
}

static int in_order(const void *a, const void *b)
{
    apr_uint64_t x = *(const apr_uint64_t *)a, y = *(const apr_uint64_t *)b;

    return (x > y) - (x < y);
}

/* Of a set: neither order nor repetition counts. */
static void mix_set(apr_uint64_t *digest, apr_array_header_t *set)
{
    const apr_uint64_t *of = (const apr_uint64_t *)set->elts;

    qsort(set->elts, (size_t)set->nelts, sizeof *of, in_order);
    for (int i = 0; i < set->nelts; i++)
        if (i == 0 || of[i] != of[i - 1])
            mix(digest, &of[i], sizeof of[i]);
}

static apr_uint64_t digest_of(apr_uint64_t digest, const char *text)
{
    mix_text(&digest, text);
    return digest;
}

static void mix_dimensions(apr_pool_t *p, apr_uint64_t *digest, const char *name, json_object *json)
{
    wfm_error_t *err = NULL;
    const apr_array_header_t *dims = wfm_dimfilter_parse(p, "", json, &err);
    apr_array_header_t *set = apr_array_make(p, 4, sizeof(apr_uint64_t));

    for (int i = 0; dims && i < dims->nelts; i++) {
        const wfm_dim_t *dim = &APR_ARRAY_IDX(dims, i, wfm_dim_t);
        apr_array_header_t *texts = apr_array_make(p, dim->texts->nelts, sizeof(apr_uint64_t));
        apr_uint64_t of = digest_of(0, dim->name);

        mix(&of, &dim->absent, sizeof dim->absent);
        mix(&of, &dim->negative, sizeof dim->negative);
        for (int t = 0; t < dim->texts->nelts; t++)
            APR_ARRAY_PUSH(texts, apr_uint64_t) =
                digest_of(0, APR_ARRAY_IDX(dim->texts, t, const char *));
        mix_set(&of, texts);
        APR_ARRAY_PUSH(set, apr_uint64_t) = of;
    }
    if (set->nelts)
        mix_text(digest, name);
    mix_set(digest, set);
}

static void mix_numbers(apr_pool_t *p, apr_uint64_t *digest, json_object *json)
{
    wfm_error_t *err = NULL;
    const apr_array_header_t *filters = wfm_metricfilter_parse(p, "", json, &err);
    apr_array_header_t *set = apr_array_make(p, 4, sizeof(apr_uint64_t));

    for (int i = 0; filters && i < filters->nelts; i++) {
        const wfm_metric_filter_t *f = &APR_ARRAY_IDX(filters, i, wfm_metric_filter_t);
        apr_uint64_t of = digest_of(digest_of(0, f->field), wfm_number_shortest(p, f->number));

        mix(&of, &f->op, sizeof f->op);
        APR_ARRAY_PUSH(set, apr_uint64_t) = of;
    }
    mix_set(digest, set);
}

/* What was understood counts, not how it was written: 12:00Z is 12:00+00:00, and a filter that lets
 * everything pass is none. */
static void mix_arg(apr_pool_t *p, apr_uint64_t *digest, const wfm_arg_t *arg)
{
    if (arg->json && strcmp(arg->name, "metric_filters") != 0) {
        mix_dimensions(p, digest, arg->name, arg->json);
        return;
    }
    if (arg->json) {
        mix_numbers(p, digest, arg->json);
        return;
    }
    mix_text(digest, arg->name);
    mix(digest, &arg->i, sizeof arg->i);
    mix(digest, &arg->t, sizeof arg->t);
    /* an index below zero is that of a value which no list names */
    if (arg->i <= 0 && !arg->t && !arg->names)
        mix_text(digest, arg->s);
    for (int i = 0; arg->names && i < arg->names->nelts; i++)
        mix_text(digest, APR_ARRAY_IDX(arg->names, i, const char *));
}

/* A text that is empty is no filter. */
static int selects(const wfm_arg_t *arg)
{
    if (is_part(arg))
        return 0;
    return arg->json || arg->names || arg->i || arg->t || (arg->s && *arg->s);
}

static void mix_args(apr_pool_t *p, apr_uint64_t *digest, const wfm_args_t *args)
{
    for (int i = 0; i < args->n; i++)
        if (selects(&args->args[i]))
            mix_arg(p, digest, &args->args[i]);
}

apr_uint64_t wfm_cursor_list(apr_pool_t *p, const char *cluster, const char *path,
                             const wfm_args_t *params, const wfm_args_t *body)
{
    apr_uint64_t digest = 0;
    apr_pool_t *own; /* a filter may take megabytes */

    apr_pool_create(&own, p);
    mix_text(&digest, cluster);
    mix_text(&digest, path);
    mix_args(own, &digest, params);
    mix_args(own, &digest, body);
    apr_pool_destroy(own);
    return digest;
}

/* ---- keys ---- */

static int digits(const char **s, int most)
{
    int n = 0;

    while (n < most && apr_isdigit(**s))
        n++, (*s)++;
    return n;
}

/* As numeric and integers print: no exponent, no sign but a minus. */
static int is_number(const char *s)
{
    s += *s == '-';
    if (!digits(&s, 131072))
        return 0;
    if (*s == '.') {
        s++;
        if (!digits(&s, 16383))
            return 0;
    }
    return !*s;
}

/* Two digits, from least to most. */
static int two(const char **s, int least, int most)
{
    int n = atoi(*s);

    return digits(s, 2) == 2 && n >= least && n <= most;
}

static int take_char(const char **s, char c)
{
    return *(*s)++ == c;
}

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

/* Hours to the fraction of a second. */
static int is_clock(const char **s)
{
    if (!two(s, 0, 23) || !take_char(s, ':') || !two(s, 0, 59) || !take_char(s, ':') ||
        !two(s, 0, 59))
        return 0;
    return **s != '.' || (take_char(s, '.') && digits(s, 6));
}

/*
 * As a timestamptz prints in UTC: "2025-01-31 12:00:00.5+00", with " BC" behind it, or more digits
 * of the year, or an infinity. PostgreSQL must not meet a text that it cannot read.
 */
static int is_time(const char *s)
{
    int year = atoi(s), years = digits(&s, 6), month = *s ? atoi(s + 1) : 0;
    const char *date = s;
    int bc;

    if (years < 4 || year < 1 || !take_char(&s, '-') || !two(&s, 1, 12) || !take_char(&s, '-') ||
        !two(&s, 1, 31) || !take_char(&s, ' ') || !is_clock(&s))
        return 0;
    bc = !strcmp(s, "+00 BC");
    if (!bc && strcmp(s, "+00") != 0)
        return 0;
    return year <= (bc ? 4712 : 294275) && atoi(date + 4) <= days_of(bc ? 1 - year : year, month);
}

static int is_infinity(const char *s)
{
    return !strcmp(s, "infinity") || !strcmp(s, "-infinity");
}

/* Ids, up to what ends them. */
static int take_ids(const char **s, char end)
{
    apr_int64_t id;

    for (int n = 1; n <= WFM_CURSOR_IDS; n++, (*s)++) {
        apr_size_t len = strspn(*s, "0123456789");

        if (wfm_text_int64(*s, len, &id) != 1 || id < 1)
            return 0;
        *s += len;
        if (**s != ',')
            return *(*s)++ == end;
    }
    return 0;
}

static int is_series(const char *s)
{
    return take_ids(&s, '/') && take_ids(&s, ' ') && strlen(s) == 16 &&
           strspn(s, "0123456789abcdef") == 16;
}

static int is_key(wfm_cursor_key_e kind, const char *key)
{
    switch (kind) {
    case WFM_CURSOR_TIME:
        return key && (is_infinity(key) || is_time(key));
    case WFM_CURSOR_NUMBER:
        return !key || is_number(key);
    case WFM_CURSOR_SERIES:
        return key && is_series(key);
    default:
        return !key;
    }
}

/* ---- the text ---- */

const char *wfm_cursor_write(apr_pool_t *p, apr_uint64_t list, const wfm_cursor_t *c)
{
    const char *place = apr_psprintf(p, "%" APR_INT64_T_FMT " %" APR_INT64_T_FMT "%s%s", c->id,
                                     c->floor, c->key ? "=" : "", c->key ? c->key : "");
    const char *text =
        apr_psprintf(p, VERSION " %016" APR_UINT64_T_HEX_FMT " %s", digest_of(list, place), place);

    return apr_pencode_base64(p, text, APR_ENCODE_STRING, APR_ENCODE_BASE64URL, NULL);
}

/* Positive, or zero. */
static int take_int(const char **s, apr_int64_t *v)
{
    apr_size_t len = strspn(*s, "0123456789");
    int found = wfm_text_int64(*s, len, v) == 1;

    *s += len;
    return found;
}

static int take_place(const char *s, wfm_cursor_key_e kind, wfm_cursor_t *c)
{
    if (!take_int(&s, &c->id) || *s++ != ' ' || !take_int(&s, &c->floor) || (*s && *s != '='))
        return 0;
    c->key = *s ? s + 1 : NULL;
    return is_key(kind, c->key);
}

int wfm_cursor_read(apr_pool_t *p, const char *text, apr_uint64_t list, wfm_cursor_key_e kind,
                    wfm_cursor_t *c)
{
    static const char version[] = VERSION " ";
    const char *inner, *place;

    if (!*text || text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                    "-_")])
        return 0;
    inner = apr_pdecode_base64(p, text, APR_ENCODE_STRING, APR_ENCODE_NONE, NULL);
    if (!inner || strncmp(inner, version, strlen(version)) ||
        strlen(inner) < strlen(version) + DIGEST + 1)
        return 0;
    place = inner + strlen(version) + DIGEST + 1;
    if (!take_place(place, kind, c))
        return 0;
    /* whatever base64 can be written in another way, or ends too early, is not what was given out
     */
    return !strcmp(text, wfm_cursor_write(p, list, c));
}
