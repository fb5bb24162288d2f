/*
 * json.c - builds json-c's objects from text that is known to be JSON.
 *
 * json-c's own parser is left out: it clamps integers beyond 64 bits without a word, and knows only
 * all or nothing.
 */
#include "json.h"
#include "json_check.h"
#include "json_string.h"
#include "pages.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

/* It stands in valid JSON: what comes next is known by its first byte. */
typedef struct reader_t {
    const char *s;
    const char *end;
    char *scratch;           /* room for names and texts that json-c copies: what is read and in use
                                is never longer than it is written */
    int built;               /* values */
    json_object *no_members; /* every empty object of the text, or NULL: one is 700 bytes */
    json_object *no_items;   /* every empty array */
} reader_t;

static json_object *build(reader_t *r);

/** The next byte that is no white space; '\0' at the end. */
static char peek(reader_t *r)
{
    while (r->s < r->end && (*r->s == ' ' || *r->s == '\t' || *r->s == '\n' || *r->s == '\r'))
        r->s++;
    return r->s < r->end ? *r->s : '\0';
}

/** How many bytes from here on are of that set. */
static apr_size_t span(const reader_t *r, const char *set)
{
    const char *s = r->s;

    while (s < r->end && *s && strchr(set, *s))
        s++;
    return (apr_size_t)(s - r->s);
}

/** Take the next byte, if it is this one. */
static int take(reader_t *r, char wanted)
{
    if (peek(r) != wanted)
        return 0;
    r->s++;
    return 1;
}

/* ---- strings ---- */

/**
 * A string's text, NUL-terminated, in the scratch room, which ends it for the next one unless the
 * room is moved.
 */
static const char *read_string(reader_t *r, apr_size_t *len)
{
    const char *start = (peek(r), ++r->s), *close = start;

    while (*close != '"')
        close += *close == '\\' ? 2 : 1;
    *len = (apr_size_t)(wfm_json_unescape(r->scratch, start, close) - r->scratch);
    r->scratch[*len] = '\0';
    r->s = close + 1;
    return r->scratch;
}

/* ---- values ---- */

/** Without an escape it is copied once, from where it stands. */
static json_object *build_string(reader_t *r)
{
    const char *start = r->s + 1, *s = start, *text;
    apr_size_t len;

    while (*s != '"' && *s != '\\')
        s++;
    if (*s == '"') {
        r->s = s + 1;
        return json_object_new_string_len(start, (int)(s - start));
    }
    text = read_string(r, &len);
    return json_object_new_string_len(text, (int)len);
}

static json_object *build_number(reader_t *r)
{
    apr_size_t len = span(r, "+-.0123456789eE");
    const char *text = r->scratch;
    apr_int64_t integer;

    memcpy(r->scratch, r->s, len);
    r->scratch[len] = '\0';
    r->s += len;
    if (wfm_text_int64(text, len, &integer) == 1)
        return json_object_new_int64(integer);
    return json_object_new_double_s(strtod(text, NULL), text);
}

/** One more reference to what all its like share. Nobody changes what was sent. */
static json_object *share(json_object **shared, json_object *(*make)(void))
{
    if (!*shared)
        *shared = make();
    return json_object_get(*shared);
}

/** Pass a value by. */
static void skip(reader_t *r)
{
    int depth = 0;

    do {
        switch (peek(r)) {
        case '"':
            for (r->s++; *r->s != '"'; r->s++)
                r->s += *r->s == '\\';
            r->s++;
            break;
        case '{':
        case '[':
            depth++;
            r->s++;
            break;
        case '}':
        case ']':
            depth--;
            r->s++;
            break;
        case ',':
        case ':':
            r->s++;
            break;
        default: /* a number or a word */
            r->s += span(r, "+-.0123456789eEtrufalsn");
        }
    } while (depth > 0);
}

/** An array that grows leaves holes in the heap, where what is read later keeps pages in use. */
static int count_items(reader_t r)
{
    int n = 0;

    do {
        skip(&r);
        n++;
    } while (take(&r, ','));
    return n;
}

static json_object *build_array(reader_t *r)
{
    json_object *array;

    if (take(r, ']'))
        return share(&r->no_items, json_object_new_array);
    array = json_object_new_array_ext(count_items(*r));
    do {
        json_object_array_add(array, build(r));
    } while (take(r, ','));
    take(r, ']');
    return array;
}

static int wants_all(const void *ctx, const char *name)
{
    (void)ctx;
    (void)name;
    return 1;
}

static json_object *build_object(reader_t *r, wfm_json_wanted_fn wanted, const void *ctx)
{
    json_object *object;

    if (take(r, '}'))
        return share(&r->no_members, json_object_new_object);
    object = json_object_new_object();
    do {
        apr_size_t len;
        const char *name = read_string(r, &len);
        int want = wanted(ctx, name);

        r->scratch += len + 1; /* the name is in use until its value is there */
        take(r, ':');
        if (want <= 0)
            skip(r);
        if (want)
            json_object_object_add(object, name, want > 0 ? build(r) : NULL);
        r->scratch -= len + 1;
    } while (take(r, ','));
    take(r, '}');
    return object;
}

/** NULL for null: json-c has no object for it. */
static json_object *build(reader_t *r)
{
    r->built++;
    switch (peek(r)) {
    case '{':
        r->s++;
        return build_object(r, wants_all, NULL);
    case '[':
        r->s++;
        return build_array(r);
    case '"':
        return build_string(r);
    case 't':
        r->s += strlen("true");
        return json_object_new_boolean(1);
    case 'f':
        r->s += strlen("false");
        return json_object_new_boolean(0);
    case 'n':
        r->s += strlen("null");
        return NULL;
    default:
        return build_number(r);
    }
}

/* ---- texts ---- */

static reader_t open_reader(apr_pool_t *p, const char *text, apr_size_t len)
{
    return (reader_t){.s = text, .end = text + len, .scratch = wfm_pages_or_pool(p, len + 1)};
}

/* They live on in what holds them. */
static void drop_shared(reader_t *r)
{
    json_object_put(r->no_members);
    json_object_put(r->no_items);
}

static wfm_error_t *check(apr_pool_t *p, const char *text, apr_size_t len)
{
    apr_size_t at = 0;

    switch (wfm_json_check_bounded(text, len, WFM_JSON_DEPTH, WFM_JSON_VALUES, &at)) {
    case WFM_JSON_VALID:
        return NULL;
    case WFM_JSON_TOO_DEEP:
        return wfm_error_make(p, WFM_BAD_REQUEST, "JSON is nested deeper than %d levels",
                              WFM_JSON_DEPTH);
    case WFM_JSON_TOO_MANY:
        return wfm_error_make(p, WFM_BAD_REQUEST, "JSON of more than %d values", WFM_JSON_VALUES);
    default:
        return wfm_error_make(p, WFM_BAD_REQUEST, "invalid JSON at byte %" APR_SIZE_T_FMT, at);
    }
}

wfm_error_t *wfm_json_parse(apr_pool_t *p, const char *text, apr_size_t len, json_object **out)
{
    reader_t r;

    *out = NULL;
    WFM_TRY(check(p, text, len));
    r = open_reader(p, text, len);
    *out = build(&r);
    drop_shared(&r);
    wfm_json_own_built(p, *out, r.built, len);
    return NULL;
}

wfm_error_t *wfm_json_parse_members(apr_pool_t *p, const char *text, apr_size_t len,
                                    wfm_json_wanted_fn wanted, const void *ctx, json_object **out)
{
    reader_t r;

    *out = NULL;
    WFM_TRY(check(p, text, len));
    r = open_reader(p, text, len);
    if (!take(&r, '{'))
        return NULL;
    *out = build_object(&r, wanted, ctx);
    drop_shared(&r);
    wfm_json_own_built(p, *out, r.built, len);
    return NULL;
}

void wfm_json_each(apr_pool_t *p, const char *text, apr_size_t len,
                   void (*fn)(void *ctx, json_object *item), void *ctx)
{
    apr_pool_t *pool;
    reader_t r;
    json_object *item;
    apr_size_t at;

    apr_pool_create(&pool, p);
    r = open_reader(pool, text, len);
    if (wfm_json_check(text, len, WFM_JSON_DEPTH, &at) == WFM_JSON_VALID && take(&r, '[') &&
        peek(&r) != ']') {
        do {
            item = build(&r);
            fn(ctx, item);
            json_object_put(item);
        } while (take(&r, ','));
        drop_shared(&r);
    }
    apr_pool_destroy(pool);
}

const char *wfm_json_member_text(json_object *object, const char *name)
{
    json_object *member;

    return json_object_object_get_ex(object, name, &member) &&
                   json_object_is_type(member, json_type_string)
               ? json_object_get_string(member)
               : NULL;
}
