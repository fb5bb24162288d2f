/*
 * json_walk.c - owns where a token ends and which one may follow which.
 */
#include "json_walk.h"
#include "../core/json_check.h"
#include "bytes.h"
#include "columns.h"
#include <apr_strings.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#define MARK   "\xef\xbb\xbf"
#define LEVELS 32
#define MORE   "more behind the JSON's end (an object a line is ndjson)"

/* What may come next. */
typedef enum state_e {
    TOP, /* a value, or the end */
    VALUE,
    FIRST_ITEM, /* or the array's end */
    FIRST_KEY,  /* or the object's end */
    KEY,
    COLON,
    AFTER, /* a comma, or the end of what is open */
    DONE
} state_e;

typedef enum token_e { NO_TOKEN, STRING, BARE /* a number or a word */ } token_e;

struct wfm_json_walk_t {
    apr_pool_t *p;
    int many;
    wfm_json_event_fn event;
    void *ctx;
    wfm_error_t *err;
    state_e state;
    int depth;
    apr_uint64_t objects;    /* bit n: what is open at that depth is an object */
    int mark;                /* bytes of a byte order mark so far; -1: it can come no more */
    apr_int64_t line, byte;  /* of the next byte */
    token_e token;           /* that has begun */
    int escaped;             /* its last byte is a backslash that counts */
    apr_int64_t token_byte;  /* where it began */
    apr_array_header_t *cut; /* of char: what has been read of it, when a piece ends */
};

wfm_json_walk_t *wfm_json_walk_create(apr_pool_t *p, int many, wfm_json_event_fn event, void *ctx)
{
    wfm_json_walk_t *w = apr_pcalloc(p, sizeof *w);

    w->p = p;
    w->many = many;
    w->event = event;
    w->ctx = ctx;
    w->line = w->byte = 1;
    w->cut = apr_array_make(p, 256, sizeof(char));
    return w;
}

/* ---- errors ---- */

wfm_error_t *wfm_json_fault(apr_pool_t *p, apr_int64_t line, apr_int64_t byte, const char *fmt, ...)
{
    va_list args;
    const char *what;

    va_start(args, fmt);
    what = apr_pvsprintf(p, fmt, args);
    va_end(args);
    return wfm_error_make(p, WFM_BAD_REQUEST,
                          "line %" APR_INT64_T_FMT ", byte %" APR_INT64_T_FMT ": %s", line, byte,
                          what);
}

static void fail(wfm_json_walk_t *w, apr_int64_t byte, const char *what)
{
    if (!w->err)
        w->err = wfm_json_fault(w->p, w->line, byte, "%s", what);
}

/* ---- grammar ---- */

static int in_object(const wfm_json_walk_t *w)
{
    return w->depth && (w->objects >> w->depth & 1);
}

static int may_be_value(const wfm_json_walk_t *w)
{
    return w->state == VALUE || w->state == FIRST_ITEM || w->state == TOP;
}

static void emit(wfm_json_walk_t *w, wfm_json_event_e kind, const char *text, apr_size_t len,
                 apr_int64_t byte)
{
    wfm_json_event_t event = {kind, text, len, w->depth, w->line, byte};

    w->err = w->event(w->ctx, &event);
}

static void value_ended(wfm_json_walk_t *w)
{
    w->state = w->depth ? AFTER : w->many ? TOP : DONE;
}

static void open_bracket(wfm_json_walk_t *w, char c)
{
    int object = c == '{';

    if (!may_be_value(w)) {
        fail(w, w->byte, w->state == DONE ? MORE : "invalid JSON");
        return;
    }
    if (w->depth == LEVELS) {
        fail(w, w->byte, "JSON is nested deeper than 32 levels");
        return;
    }
    emit(w, object ? WFM_JSON_OBJECT : WFM_JSON_ARRAY, &c, 1, w->byte);
    w->depth++;
    w->objects &= ~((apr_uint64_t)1 << w->depth);
    w->objects |= (apr_uint64_t)object << w->depth;
    w->state = object ? FIRST_KEY : FIRST_ITEM;
}

static void close_bracket(wfm_json_walk_t *w, char c)
{
    int object = in_object(w);

    if (!w->depth || c != (object ? '}' : ']') ||
        (w->state != AFTER && w->state != (object ? FIRST_KEY : FIRST_ITEM))) {
        fail(w, w->byte, "invalid JSON");
        return;
    }
    w->depth--;
    emit(w, WFM_JSON_END, &c, 1, w->byte);
    value_ended(w);
}

static void take_mark(wfm_json_walk_t *w, char c)
{
    if (c == '{' || c == '[')
        open_bracket(w, c);
    else if (c == '}' || c == ']')
        close_bracket(w, c);
    else if (c == ',' && w->state == AFTER)
        w->state = in_object(w) ? KEY : VALUE;
    else if (c == ':' && w->state == COLON)
        w->state = VALUE;
    else
        fail(w, w->byte, "invalid JSON");
}

/* ---- tokens ---- */

static int is_word(const char *text, apr_size_t len, const char *word)
{
    return len == strlen(word) && !memcmp(text, word, len);
}

static int is_no_number(const char *text, apr_size_t len)
{
    static const char *const words[] = {"nan", "inf", "infinity"};

    if (len && (*text == '-' || *text == '+')) {
        text++;
        len--;
    }
    for (int i = 0; i < 3; i++)
        if (len == strlen(words[i]) && !strncasecmp(text, words[i], len))
            return 1;
    return 0;
}

static wfm_json_event_e kind_of(const wfm_json_walk_t *w, const char *text, apr_size_t len)
{
    if (w->token == STRING)
        return w->state == KEY || w->state == FIRST_KEY ? WFM_JSON_KEY : WFM_JSON_STRING;
    if (is_word(text, len, "true") || is_word(text, len, "false"))
        return WFM_JSON_BOOL;
    if (is_word(text, len, "null"))
        return WFM_JSON_NULL;
    return is_no_number(text, len) ? WFM_JSON_NO_NUMBER : WFM_JSON_NUMBER;
}

/* Is it too long, does it stand where none may, or is it none? */
static int check_token(wfm_json_walk_t *w, wfm_json_event_e kind, const char *text, apr_size_t len,
                       const char *at_its_end)
{
    apr_size_t at;

    if (len > WFM_RECORD_BYTES)
        fail(w, w->token_byte, "more than 1 MiB in one value");
    else if (w->state == DONE)
        fail(w, w->token_byte, MORE);
    else if (kind != WFM_JSON_KEY && !may_be_value(w))
        fail(w, w->token_byte, "invalid JSON");
    else if (kind != WFM_JSON_NO_NUMBER && wfm_json_check(text, len, 1, &at) != WFM_JSON_VALID)
        fail(w, w->token_byte + (apr_int64_t)at, at == len ? at_its_end : "invalid JSON");
    return !w->err;
}

/* A token is there, or all that comes of it. */
static void take_token(wfm_json_walk_t *w, const char *text, apr_size_t len, const char *at_its_end)
{
    wfm_json_event_e kind = kind_of(w, text, len);

    if (check_token(w, kind, text, len, at_its_end)) {
        emit(w, kind, text, len, w->token_byte);
        if (kind == WFM_JSON_KEY)
            w->state = COLON;
        else
            value_ended(w);
    }
    w->token = NO_TOKEN;
}

static int is_bare(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '+' || c == '.';
}

/* Where in [s, end) the token ends; NULL: not there. A byte that no text may hold ends it, too. */
static const char *end_of_token(wfm_json_walk_t *w, const char *s, const char *end)
{
    if (w->token == BARE) {
        while (s < end && is_bare(*s))
            s++;
        return s < end ? s : NULL;
    }
    for (; s < end; s++) {
        if ((unsigned char)*s < 0x20)
            return s + 1;
        if (w->escaped)
            w->escaped = 0;
        else if (*s == '\\')
            w->escaped = 1;
        else if (*s == '"')
            return s + 1;
    }
    return NULL;
}

/* @param first a string's opening quote stands there. @return behind what was read */
static const char *read_token(wfm_json_walk_t *w, const char *s, const char *end, int first)
{
    const char *stop = end_of_token(w, s + first, end);
    apr_size_t n = (apr_size_t)((stop ? stop : end) - s);
    apr_int64_t behind = w->byte + (apr_int64_t)n;

    if (!stop || w->cut->nelts)
        wfm_bytes_append(w->cut, s, n);
    if (stop && w->cut->nelts)
        take_token(w, w->cut->elts, (apr_size_t)w->cut->nelts, "invalid JSON");
    else if (stop)
        take_token(w, s, n, "invalid JSON");
    else if (w->cut->nelts > WFM_RECORD_BYTES)
        fail(w, w->token_byte, "more than 1 MiB in one value");
    if (stop)
        apr_array_clear(w->cut);
    w->byte = behind;
    return s + n;
}

/* ---- pieces ---- */

static const char *skip_space(wfm_json_walk_t *w, const char *s, const char *end)
{
    for (; s < end; s++) {
        if (*s == '\n') {
            w->line++;
            w->byte = 1;
        } else if (*s == ' ' || *s == '\t' || *s == '\r') {
            w->byte++;
        } else {
            break;
        }
    }
    return s;
}

static const char *pass_mark(wfm_json_walk_t *w, const char *s, const char *end)
{
    while (s < end && w->mark >= 0) {
        if (*s != MARK[w->mark]) {
            if (w->mark)
                fail(w, 1, "invalid JSON");
            w->mark = -1;
            return s;
        }
        s++;
        w->mark = w->mark == 2 ? -1 : w->mark + 1;
    }
    return s;
}

static const char *read_some(wfm_json_walk_t *w, const char *s, const char *end)
{
    w->token_byte = w->byte;
    if (*s == '"' || is_bare(*s)) {
        w->token = *s == '"' ? STRING : BARE;
        w->escaped = 0;
        return read_token(w, s, end, 1);
    }
    take_mark(w, *s);
    w->byte++;
    return s + 1;
}

wfm_error_t *wfm_json_walk_feed(wfm_json_walk_t *w, const char *data, apr_size_t len)
{
    const char *s = data, *end = data + len;

    s = pass_mark(w, s, end);
    while (s < end && !w->err) {
        if (w->token != NO_TOKEN)
            s = read_token(w, s, end, 0);
        else if ((s = skip_space(w, s, end)) < end)
            s = read_some(w, s, end);
    }
    return w->err;
}

wfm_error_t *wfm_json_walk_end(wfm_json_walk_t *w)
{
    if (w->err)
        return w->err;
    if (w->mark > 0)
        fail(w, 1, "invalid JSON");
    else if (w->token != NO_TOKEN)
        take_token(w, w->cut->elts, (apr_size_t)w->cut->nelts, "the file ends too early");
    if (!w->err && w->state != DONE && w->state != TOP)
        fail(w, w->byte, "the file ends too early");
    return w->err;
}
