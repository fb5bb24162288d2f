/*
 * csv_tool.c - makes a row of CSV what a tool's rules are for: members, as an object of JSON has.
 */
#include "csv_tool.h"
#include "../core/text.h"
#include "figure.h"
#include "mapping.h"

struct wfm_csv_tool_t {
    apr_pool_t *p;
    const wfm_tool_t *tool;
    apr_array_header_t *names; /* of const char *, the header's */
    wfm_flat_t *row;
    wfm_mapping_t *mapping;
};

static int is_twice(const apr_array_header_t *names)
{
    apr_array_header_t *seen = apr_array_make(names->pool, names->nelts, sizeof(const char *));

    for (int i = 0; i < names->nelts; i++)
        wfm_names_add(seen, APR_ARRAY_IDX(names, i, const char *));
    return seen->nelts < names->nelts;
}

wfm_csv_tool_t *wfm_csv_tool_of(apr_pool_t *p, const apr_array_header_t *names,
                                wfm_columns_t *columns, wfm_notes_t *notes)
{
    const wfm_tool_t *tool = wfm_tool_of_header(names);
    wfm_csv_tool_t *t;

    if (!tool || is_twice(names))
        return NULL;
    t = apr_palloc(p, sizeof *t);
    t->p = p;
    t->tool = tool;
    t->names = apr_array_copy(p, names);
    t->row = wfm_flat_create(p);
    t->mapping = wfm_mapping_create(p, tool, columns, notes);
    return t;
}

/* What JSON would have as a number is one. */
static wfm_cell_kind_e kind_of(const wfm_cell_t *cell)
{
    wfm_figure_t figure;

    if (cell->kind == WFM_CELL_TEXT &&
        wfm_figure_read(cell->text, cell->len, WFM_POINT_IS_DECIMAL, &figure) && !figure.unit &&
        !figure.commas)
        return WFM_CELL_NUMBER;
    return cell->kind;
}

static wfm_error_t *add_cell(wfm_csv_tool_t *t, const wfm_cell_t *cell)
{
    const apr_array_header_t *members = wfm_flat_members(t->row);

    WFM_TRY(wfm_flat_add(t->row, APR_ARRAY_IDX(t->names, cell->column, const char *), cell->text,
                         cell->len));
    APR_ARRAY_IDX(members, members->nelts - 1, wfm_member_t).kind = kind_of(cell);
    return NULL;
}

wfm_error_t *wfm_csv_tool_record(wfm_csv_tool_t *t, const wfm_record_t *row, wfm_record_t *record)
{
    wfm_flat_begin(t->row, &(wfm_json_event_t){.line = row->line, .byte = 1}, WFM_LISTS_DROPPED);
    for (int i = 0; i < row->n; i++)
        WFM_TRY(add_cell(t, &row->cells[i]));
    if (!wfm_flat_find(t->row, t->tool->needs[0]))
        return wfm_error_make(t->p, WFM_BAD_REQUEST,
                              "line %" APR_INT64_T_FMT ": a row of %s without \"%s\"", row->line,
                              t->tool->name, t->tool->needs[0]);
    return wfm_mapping_record(t->mapping, t->row, record);
}
