/*
 * json_reader.c - owns where in a JSON file the rows stand, and whose they are.
 */
#include "json_reader.h"
#include "../core/json_string.h"
#include "../core/text.h"
#include "mapping.h"
#include <apr_strings.h>

/* What the reader is at. */
typedef enum stage_e {
    AT_TOP,      /* the file's value */
    AT_ELEMENTS, /* of the array of rows */
    AT_ROW,      /* in one of them */
    AT_WHOLE,    /* in an object that is the file: perhaps a row, perhaps a tool's */
    AT_LIST,     /* in its array of which a tool's rows may be the elements */
    AT_MEMBERS,  /* of a tool's object */
    AT_BEHIND    /* all of them */
} stage_e;

struct wfm_json_reader_t {
    apr_pool_t *p;
    int lines;
    const wfm_tool_t *tool; /* NULL: the first row will tell */
    wfm_columns_t *columns;
    wfm_notes_t *notes;
    wfm_record_fn record;
    void *ctx;
    wfm_json_walk_t *walk;
    wfm_flat_t *row;
    wfm_mapping_t *mapping;
    stage_e stage, after_row;
    const char *member;          /* of the file's object, in which the rows are; NULL: none */
    char key[WFM_NAME_MAX + 1];  /* of the file's object, the last one that was read */
    int keys;                    /* how many there were */
    int found;                   /* the array of rows has come */
    int begun;                   /* it is JSON, as far as it goes */
    wfm_json_event_t list_event; /* what opened the array of AT_LIST */
};

static wfm_error_t *on_event(void *ctx, const wfm_json_event_t *event);

wfm_json_reader_t *wfm_json_reader_create(apr_pool_t *p, int lines, const wfm_tool_t *tool,
                                          wfm_columns_t *columns, wfm_notes_t *notes,
                                          wfm_record_fn record, void *ctx)
{
    wfm_json_reader_t *r = apr_pcalloc(p, sizeof *r);

    r->p = p;
    r->lines = lines;
    r->tool = lines ? &wfm_tool_none : tool;
    r->columns = columns;
    r->notes = notes;
    r->record = record;
    r->ctx = ctx;
    r->row = wfm_flat_create(p);
    r->walk = wfm_json_walk_create(p, lines, on_event, r);
    return r;
}

/* ---- errors ---- */

static wfm_error_t *fault(const wfm_json_reader_t *r, const wfm_json_event_t *event,
                          const char *what)
{
    return wfm_json_fault(r->p, event->line, event->byte, "%s", what);
}

/* What the file should be. */
static const char *expected(const wfm_json_reader_t *r)
{
    if (r->lines)
        return "no ndjson: expected is an object a line";
    if (r->tool)
        return apr_psprintf(r->p, "no %s: expected is %s", r->tool->name, r->tool->expected);
    if (r->member)
        return apr_psprintf(r->p, "what \"%s\" holds is of no tool that is known", r->member);
    return "expected is an array of objects";
}

static wfm_error_t *unexpected(const wfm_json_reader_t *r, const wfm_json_event_t *event)
{
    return fault(r, event, expected(r));
}

/* ---- rows ---- */

static wfm_error_t *hand_over(wfm_json_reader_t *r)
{
    wfm_record_t record;

    if (!r->mapping)
        r->mapping = wfm_mapping_create(r->p, r->tool, r->columns, r->notes);
    WFM_TRY(wfm_mapping_record(r->mapping, r->row, &record));
    return record.n ? r->record(r->ctx, &record) : NULL;
}

static wfm_error_t *take_row(wfm_json_reader_t *r, wfm_place_e place)
{
    const char *missing;

    if (!r->tool) {
        r->tool = wfm_tool_of_row(r->row, place, r->member);
        if (!r->tool && r->member)
            return wfm_flat_fault(r->row, "%s", expected(r));
        if (!r->tool)
            r->tool = &wfm_tool_none;
    }
    if (r->tool == &wfm_tool_none)
        WFM_TRY(wfm_flat_check_lists(r->row));
    if (r->tool->place == WFM_IN_OBJECT) {
        if (!wfm_tool_covers(r->tool, r->row))
            return wfm_flat_fault(r->row, "%s", expected(r));
        WFM_TRY(wfm_flat_add(r->row, "", r->key, strlen(r->key)));
    }
    missing = r->mapping ? NULL : wfm_tool_misses(r->tool, r->row);
    if (!missing && r->tool->needs[0] && !wfm_flat_find(r->row, r->tool->needs[0]))
        missing = r->tool->needs[0];
    if (missing)
        return wfm_flat_fault(r->row, "a row of %s without \"%s\"", r->tool->name, missing);
    return hand_over(r);
}

static void begin_row(wfm_json_reader_t *r, const wfm_json_event_t *event, stage_e after)
{
    wfm_lists_e lists = r->tool == &wfm_tool_none ? WFM_LISTS_KEPT
                        : r->tool                 ? WFM_LISTS_DROPPED
                                                  : WFM_LISTS_TRIED;

    wfm_flat_begin(r->row, event, lists);
    r->stage = AT_ROW;
    r->after_row = after;
}

static wfm_error_t *on_row(wfm_json_reader_t *r, const wfm_json_event_t *event)
{
    if (r->lines && event->line != wfm_flat_line(r->row))
        return fault(r, event, "no ndjson: the object of the line before has not ended");
    WFM_TRY(wfm_flat_event(r->row, event));
    if (!wfm_flat_is_whole(r->row))
        return NULL;
    r->stage = r->after_row;
    return take_row(r, r->member ? WFM_IN_MEMBER : WFM_IN_ARRAY);
}

/* ---- the file's object ---- */

static wfm_error_t *keep_key(wfm_json_reader_t *r, const wfm_json_event_t *event)
{
    if (event->len > WFM_NAME_MAX)
        return fault(r, event, "the name is too long");
    *wfm_json_unescape(r->key, event->text + 1, event->text + event->len - 1) = '\0';
    r->keys++;
    return NULL;
}

/* In a tool's object. */
static wfm_error_t *on_member(wfm_json_reader_t *r, const wfm_json_event_t *event)
{
    if (event->kind == WFM_JSON_END && event->depth == 0) {
        r->stage = AT_BEHIND;
        return r->member && !r->found ? unexpected(r, event) : NULL;
    }
    if (event->depth != 1 || event->kind == WFM_JSON_END)
        return NULL;
    if (event->kind == WFM_JSON_KEY) {
        WFM_TRY(keep_key(r, event));
        return r->found && r->member && !strcmp(r->key, r->member)
                   ? fault(r, event, "a name twice in one object")
                   : NULL;
    }
    if (!r->member) {
        if (event->kind != WFM_JSON_OBJECT)
            return unexpected(r, event);
        begin_row(r, event, AT_MEMBERS);
    } else if (!strcmp(r->key, r->member)) {
        if (event->kind != WFM_JSON_ARRAY)
            return unexpected(r, event);
        r->found = 1;
        r->stage = AT_ELEMENTS;
    }
    return NULL;
}

/* Is the first member of the file's object one of bencher's? */
static int is_named(const wfm_json_reader_t *r, const wfm_tool_t *tool, apr_size_t behind)
{
    const apr_array_header_t *members = wfm_flat_members(r->row);
    int numbers = 0;

    for (int i = 0; i < members->nelts; i++) {
        const wfm_member_t *member = &APR_ARRAY_IDX(members, i, wfm_member_t);
        const char *path = wfm_flat_path(r->row, member);

        if ((member->kind != WFM_CELL_NUMBER && member->kind != WFM_CELL_ABSENT) ||
            strlen(path) <= behind || wfm_tool_is_rest(tool, path + behind))
            return 0;
        numbers += member->kind == WFM_CELL_NUMBER;
    }
    return numbers > 0;
}

/* The first member of the file's object has ended: if it is a row, the others are, too. */
static wfm_error_t *try_first(wfm_json_reader_t *r)
{
    const apr_array_header_t *members = wfm_flat_members(r->row);
    const wfm_tool_t *tool = wfm_tool_named("bencher");
    apr_size_t behind = strlen(r->key) + 1;

    if (!is_named(r, tool, behind))
        return NULL;
    for (int i = 0; i < members->nelts; i++) {
        wfm_member_t *member = &APR_ARRAY_IDX(members, i, wfm_member_t);

        WFM_TRY(wfm_flat_rename(r->row, member, wfm_flat_path(r->row, member) + behind));
    }
    r->tool = tool;
    r->stage = AT_MEMBERS;
    return take_row(r, WFM_IN_OBJECT);
}

static wfm_error_t *end_whole(wfm_json_reader_t *r, const wfm_json_event_t *event)
{
    r->stage = AT_BEHIND;
    if (wfm_flat_has_objects(r->row))
        return fault(r, event, "an object with arrays of objects, and of no tool that is known");
    r->tool = &wfm_tool_none;
    return take_row(r, WFM_IN_OBJECT);
}

static wfm_error_t *on_whole(wfm_json_reader_t *r, const wfm_json_event_t *event)
{
    if (event->depth == 1 && event->kind == WFM_JSON_KEY)
        WFM_TRY(keep_key(r, event));
    if (event->depth == 1 && event->kind == WFM_JSON_ARRAY && wfm_tools_know_member(r->key)) {
        r->list_event = *event;
        r->list_event.text = "[";
        r->stage = AT_LIST;
        return NULL;
    }
    WFM_TRY(wfm_flat_event(r->row, event));
    if (wfm_flat_is_whole(r->row))
        return end_whole(r, event);
    if (event->depth == 1 && event->kind == WFM_JSON_END && r->keys == 1)
        return try_first(r);
    return NULL;
}

static wfm_error_t *on_list(wfm_json_reader_t *r, const wfm_json_event_t *event)
{
    if (event->kind != WFM_JSON_OBJECT && event->kind != WFM_JSON_END) {
        r->stage = AT_WHOLE;
        WFM_TRY(wfm_flat_event(r->row, &r->list_event));
        return wfm_flat_event(r->row, event);
    }
    r->member = apr_pstrdup(r->p, r->key);
    r->found = 1;
    if (event->kind == WFM_JSON_OBJECT)
        begin_row(r, event, AT_ELEMENTS);
    else
        r->stage = AT_MEMBERS;
    return NULL;
}

/* ---- the file ---- */

static wfm_error_t *on_object(wfm_json_reader_t *r, const wfm_json_event_t *event)
{
    r->begun = 1;
    if (r->lines) {
        begin_row(r, event, AT_TOP);
    } else if (!r->tool) {
        wfm_flat_begin(r->row, event, WFM_LISTS_TRIED);
        r->stage = AT_WHOLE;
    } else if (r->tool->place == WFM_IN_ARRAY) {
        return unexpected(r, event);
    } else {
        r->member = r->tool->member;
        r->stage = AT_MEMBERS;
    }
    return NULL;
}

static wfm_error_t *on_top(wfm_json_reader_t *r, const wfm_json_event_t *event)
{
    if (event->kind == WFM_JSON_OBJECT) {
        if (r->lines && event->line == wfm_flat_line(r->row))
            return fault(r, event, "no ndjson: a second object in the line");
        return on_object(r, event);
    }
    r->begun = 1;
    if (event->kind != WFM_JSON_ARRAY || r->lines || (r->tool && r->tool->place != WFM_IN_ARRAY))
        return unexpected(r, event);
    r->stage = AT_ELEMENTS;
    return NULL;
}

static wfm_error_t *on_element(wfm_json_reader_t *r, const wfm_json_event_t *event)
{
    if (event->kind == WFM_JSON_OBJECT)
        begin_row(r, event, AT_ELEMENTS);
    else if (event->kind == WFM_JSON_END)
        r->stage = r->member ? AT_MEMBERS : AT_BEHIND;
    else
        return unexpected(r, event);
    return NULL;
}

static wfm_error_t *on_event(void *ctx, const wfm_json_event_t *event)
{
    wfm_json_reader_t *r = ctx;

    switch (r->stage) {
    case AT_TOP:
        return on_top(r, event);
    case AT_ELEMENTS:
        return on_element(r, event);
    case AT_ROW:
        return on_row(r, event);
    case AT_WHOLE:
        return on_whole(r, event);
    case AT_LIST:
        return on_list(r, event);
    case AT_MEMBERS:
        return on_member(r, event);
    default: /* the walk lets nothing stand there */
        return NULL;
    }
}

/* What is not even JSON is not what it should be. */
static wfm_error_t *explain(const wfm_json_reader_t *r, wfm_error_t *err)
{
    if (err && !r->begun)
        err->message = apr_pstrcat(r->p, err->message, "; ", expected(r), NULL);
    return err;
}

wfm_error_t *wfm_json_reader_feed(wfm_json_reader_t *r, const char *data, apr_size_t len)
{
    return explain(r, wfm_json_walk_feed(r->walk, data, len));
}

wfm_error_t *wfm_json_reader_end(wfm_json_reader_t *r)
{
    WFM_TRY(explain(r, wfm_json_walk_end(r->walk)));
    return r->begun ? NULL : wfm_error_make(r->p, WFM_BAD_REQUEST, "the file is empty");
}
