/*
 * flat.c - owns how the members of a JSON object are gathered: paths, bounds, names that come
 * twice.
 */
#include "flat.h"
#include "../core/json_string.h"
#include "../core/text.h"
#include "bytes.h"
#include "figure.h"
#include <apr_strings.h>
#include <stdarg.h>

#define LEVELS    32
#define LONGEST   (WFM_NAME_MAX - 16) /* a column's name may get something behind it */
#define NOT_THERE (-1)
#define PATHS     8192 /* in one file: of a tool's rows most are no columns */

#define TOO_MANY "more than 8192 names in one file"

struct wfm_flat_t {
    apr_pool_t *p;
    wfm_columns_t paths;       /* of all objects so far */
    apr_array_header_t *found; /* of found_t, by a path's place */
    apr_int64_t number;        /* of the object */
    apr_int64_t line, byte;
    int outside; /* how many brackets are open around it */
    int whole;
    apr_size_t bytes;                  /* of it, as the file has it */
    char path[LONGEST + 1];            /* of the object that is being read, its next member's */
    apr_size_t lengths[LEVELS + 1], n; /* of the path, by the objects that are open */
    int depth;                         /* of those */
    wfm_lists_e lists;
    int list_depth;                     /* where an array began that is being read */
    apr_size_t list_at, list_bytes;     /* its text, and `bytes` before it */
    int list_is_long, list_has_objects; /* some of its */
    apr_int64_t long_line, long_byte;
    apr_array_header_t *members, *text;
};

/* Which object had a path last, and as which member. */
typedef struct found_t {
    apr_int64_t number;
    int member;
} found_t;

wfm_flat_t *wfm_flat_create(apr_pool_t *p)
{
    wfm_flat_t *f = apr_pcalloc(p, sizeof *f);

    f->p = p;
    wfm_columns_init(&f->paths, p);
    f->found = apr_array_make(p, 16, sizeof(found_t));
    f->members = apr_array_make(p, 16, sizeof(wfm_member_t));
    f->text = apr_array_make(p, 1024, sizeof(char));
    return f;
}

void wfm_flat_begin(wfm_flat_t *f, const wfm_json_event_t *event, wfm_lists_e lists)
{
    f->number++;
    f->line = event->line;
    f->byte = event->byte;
    f->outside = event->depth;
    f->whole = 0;
    f->bytes = 0;
    f->n = 0;
    f->depth = 0;
    f->lists = lists;
    f->list_depth = NOT_THERE;
    f->list_is_long = f->list_has_objects = 0;
    apr_array_clear(f->members);
    apr_array_clear(f->text);
}

/* ---- members ---- */

/* A path's place. @return -1: there are too many */
static int place_of(wfm_flat_t *f, const char *path, apr_size_t len)
{
    int place = wfm_columns_find(&f->paths, path, len);

    if (place >= 0 || f->paths.names->nelts == PATHS)
        return place;
    APR_ARRAY_PUSH(f->found, found_t) = (found_t){0};
    return wfm_columns_add(&f->paths, path, len, WFM_ROLE_OPEN);
}

static found_t *found_at(const wfm_flat_t *f, int place)
{
    return &APR_ARRAY_IDX(f->found, place, found_t);
}

/* @return NULL, or what is wrong with it */
static const char *add_member(wfm_flat_t *f, const char *path, apr_size_t path_len,
                              wfm_cell_kind_e kind, apr_size_t at)
{
    int place = place_of(f, path, path_len);
    found_t *found;

    if (place < 0)
        return TOO_MANY;
    found = found_at(f, place);
    if (found->number == f->number)
        return apr_psprintf(f->p, "the name '%s' twice in one object",
                            wfm_text_short(f->p, wfm_columns_name(&f->paths, place)));
    *found = (found_t){f->number, f->members->nelts};
    APR_ARRAY_PUSH(f->members, wfm_member_t) =
        (wfm_member_t){place, kind, at, (apr_size_t)f->text->nelts - at};
    APR_ARRAY_PUSH(f->text, char) = '\0';
    return NULL;
}

static void append(wfm_flat_t *f, const char *text, apr_size_t len)
{
    wfm_bytes_append(f->text, text, len);
}

/* What stands between a string's quotes. */
static void append_string(wfm_flat_t *f, const wfm_json_event_t *event)
{
    int at = f->text->nelts;

    append(f, event->text + 1, event->len - 2); /* it is never longer */
    f->text->nelts =
        (int)(wfm_json_unescape(f->text->elts + at, event->text + 1, event->text + event->len - 1) -
              f->text->elts);
}

static const char *take_key(wfm_flat_t *f, const wfm_json_event_t *event)
{
    apr_size_t n = f->depth ? f->lengths[f->depth] : 0;
    char *to = f->path + n;

    if (n + (f->depth > 0) + event->len - 2 > LONGEST)
        return "the name is too long";
    if (f->depth)
        *to++ = '.';
    f->n = (apr_size_t)(wfm_json_unescape(to, event->text + 1, event->text + event->len - 1) -
                        f->path);
    f->path[f->n] = '\0';
    return NULL;
}

static const char *take_scalar(wfm_flat_t *f, const wfm_json_event_t *event)
{
    apr_size_t at = (apr_size_t)f->text->nelts;
    wfm_cell_kind_e kind = WFM_CELL_TEXT;

    if (event->kind == WFM_JSON_STRING)
        append_string(f, event);
    else if (event->kind != WFM_JSON_NULL)
        append(f, event->text, event->len);
    if (event->kind == WFM_JSON_NULL)
        kind = WFM_CELL_ABSENT;
    else if (event->kind == WFM_JSON_NUMBER)
        kind = WFM_CELL_NUMBER;
    return add_member(f, f->path, f->n, kind, at);
}

/* ---- arrays ---- */

/* A number that no double holds, and one that is none, is text. */
static int is_json(const wfm_json_event_t *event)
{
    wfm_figure_t figure;

    if (event->kind == WFM_JSON_NO_NUMBER)
        return 0;
    return event->kind != WFM_JSON_NUMBER ||
           wfm_figure_read(event->text, event->len, WFM_POINT_IS_DECIMAL, &figure);
}

static void write_item(wfm_flat_t *f, const wfm_json_event_t *event)
{
    char before = (apr_size_t)f->text->nelts > f->list_at ? f->text->elts[f->text->nelts - 1] : '[';
    int json = is_json(event);

    if (event->kind != WFM_JSON_END && !strchr("[{:", before))
        append(f, ",", 1);
    if (!json)
        append(f, "\"", 1);
    append(f, event->text, event->len);
    if (!json)
        append(f, "\"", 1);
    if (event->kind == WFM_JSON_KEY)
        append(f, ":", 1);
}

static const char *end_list(wfm_flat_t *f)
{
    int dropped = f->lists == WFM_LISTS_DROPPED || f->list_is_long;

    f->list_depth = NOT_THERE;
    return add_member(f, f->path, f->n, dropped ? WFM_CELL_ABSENT : WFM_CELL_LIST, f->list_at);
}

static const char *take_list(wfm_flat_t *f, const wfm_json_event_t *event)
{
    if (f->list_depth == NOT_THERE) {
        f->list_depth = event->depth;
        f->list_at = (apr_size_t)f->text->nelts;
        f->list_bytes = f->bytes;
    }
    f->list_has_objects |= event->kind == WFM_JSON_OBJECT;
    if (f->lists != WFM_LISTS_DROPPED && !f->list_is_long)
        write_item(f, event);
    return event->kind == WFM_JSON_END && event->depth == f->list_depth ? end_list(f) : NULL;
}

/* ---- events ---- */

static const char *take_end(wfm_flat_t *f, const wfm_json_event_t *event)
{
    if (event->depth == f->outside)
        f->whole = 1;
    else
        f->depth--;
    return NULL;
}

/* It counts what is kept. @return is it too long? */
static int is_too_long(wfm_flat_t *f, const wfm_json_event_t *event)
{
    if (f->list_depth != NOT_THERE && (f->lists == WFM_LISTS_DROPPED || f->list_is_long))
        return 0;
    f->bytes += event->len + 1;
    if (f->bytes <= WFM_RECORD_BYTES)
        return 0;
    if (f->list_depth == NOT_THERE || f->lists == WFM_LISTS_KEPT)
        return 1;
    f->list_is_long = 1;
    f->long_line = event->line;
    f->long_byte = event->byte;
    f->bytes = f->list_bytes;
    f->text->nelts = (int)f->list_at;
    return 0;
}

static const char *take(wfm_flat_t *f, const wfm_json_event_t *event)
{
    if (is_too_long(f, event))
        return "a record of more than 1 MiB";
    if (f->list_depth != NOT_THERE)
        return take_list(f, event);
    switch (event->kind) {
    case WFM_JSON_KEY:
        return take_key(f, event);
    case WFM_JSON_OBJECT:
        f->lengths[++f->depth] = f->n;
        return NULL;
    case WFM_JSON_ARRAY:
        return take_list(f, event);
    case WFM_JSON_END:
        return take_end(f, event);
    default:
        return take_scalar(f, event);
    }
}

wfm_error_t *wfm_flat_event(wfm_flat_t *f, const wfm_json_event_t *event)
{
    const char *fault = take(f, event);

    return fault ? wfm_json_fault(f->p, event->line, event->byte, "%s", fault) : NULL;
}

/* ---- what was gathered ---- */

int wfm_flat_is_whole(const wfm_flat_t *f)
{
    return f->whole;
}

wfm_error_t *wfm_flat_check_lists(const wfm_flat_t *f)
{
    return f->list_is_long
               ? wfm_json_fault(f->p, f->long_line, f->long_byte, "a record of more than 1 MiB")
               : NULL;
}

int wfm_flat_has_objects(const wfm_flat_t *f)
{
    return f->list_has_objects;
}

apr_int64_t wfm_flat_line(const wfm_flat_t *f)
{
    return f->line;
}

wfm_error_t *wfm_flat_fault(const wfm_flat_t *f, const char *fmt, ...)
{
    va_list args;
    const char *what;

    va_start(args, fmt);
    what = apr_pvsprintf(f->p, fmt, args);
    va_end(args);
    return wfm_json_fault(f->p, f->line, f->byte, "%s", what);
}

apr_array_header_t *wfm_flat_members(const wfm_flat_t *f)
{
    return f->members;
}

const char *wfm_flat_text(const wfm_flat_t *f, const wfm_member_t *member)
{
    return f->text->elts + member->at;
}

const char *wfm_flat_path(const wfm_flat_t *f, const wfm_member_t *member)
{
    return wfm_columns_name(&f->paths, member->path);
}

wfm_member_t *wfm_flat_find(const wfm_flat_t *f, const char *path)
{
    int place = wfm_columns_find(&f->paths, path, strlen(path));
    wfm_member_t *member;

    if (place < 0 || found_at(f, place)->number != f->number)
        return NULL;
    member = &APR_ARRAY_IDX(f->members, found_at(f, place)->member, wfm_member_t);
    return member->kind == WFM_CELL_ABSENT ? NULL : member;
}

wfm_error_t *wfm_flat_add(wfm_flat_t *f, const char *path, const char *text, apr_size_t len)
{
    apr_size_t at = (apr_size_t)f->text->nelts;
    const char *fault;

    if (wfm_flat_find(f, path))
        return NULL;
    append(f, text, len);
    fault = add_member(f, path, strlen(path), WFM_CELL_TEXT, at);
    return fault ? wfm_flat_fault(f, "%s", fault) : NULL;
}

wfm_error_t *wfm_flat_rename(wfm_flat_t *f, wfm_member_t *member, const char *path)
{
    int place = place_of(f, path, strlen(path));

    if (place < 0)
        return wfm_flat_fault(f, "%s", TOO_MANY);
    if (found_at(f, place)->number == f->number)
        return NULL;
    found_at(f, member->path)->number = 0;
    *found_at(f, place) =
        (found_t){f->number, (int)(member - (wfm_member_t *)(void *)f->members->elts)};
    member->path = place;
    return NULL;
}
