/*
 * mapping.c - owns which column a member goes to, and how its number gets its unit.
 */
#include "mapping.h"
#include "../core/text.h"
#include "bytes.h"
#include "figure.h"
#include <apr_strings.h>

#define LONGEST   (WFM_NAME_MAX - 16)
#define UNIT_MOST 100 /* bytes of a unit that are shown */
#define UNKNOWN   (-1)

/* What is known of a path of the tool's. */
typedef struct known_t {
    const wfm_rule_t *rule; /* NULL: it has not come yet */
    const char *star;
    apr_size_t star_len;
    int column; /* UNKNOWN: it depends on the row */
} known_t;

struct wfm_mapping_t {
    apr_pool_t *p;
    const wfm_tool_t *tool;
    wfm_columns_t *columns;
    wfm_notes_t *notes;
    apr_array_header_t *known;  /* of known_t, by a path's place */
    apr_array_header_t *filled; /* of apr_int64_t, by a column's place: the last record that did */
    apr_int64_t number;         /* of the record */
    apr_array_header_t *cells;  /* of wfm_cell_t */
    apr_array_header_t *ats;    /* of apr_size_t: where in `text` theirs is; NOT_HERE: the row's */
    apr_array_header_t *text;   /* of char */
};

#define NOT_HERE APR_SIZE_MAX

wfm_mapping_t *wfm_mapping_create(apr_pool_t *p, const wfm_tool_t *tool, wfm_columns_t *columns,
                                  wfm_notes_t *notes)
{
    wfm_mapping_t *m = apr_pcalloc(p, sizeof *m);

    m->p = p;
    m->tool = tool;
    m->columns = columns;
    m->notes = notes;
    m->known = apr_array_make(p, 16, sizeof(known_t));
    m->filled = apr_array_make(p, 16, sizeof(apr_int64_t));
    m->cells = apr_array_make(p, 16, sizeof(wfm_cell_t));
    m->ats = apr_array_make(p, 16, sizeof(apr_size_t));
    m->text = apr_array_make(p, 256, sizeof(char));
    return m;
}

static known_t *know(wfm_mapping_t *m, const wfm_flat_t *row, const wfm_member_t *member)
{
    known_t *known;

    while (m->known->nelts <= member->path)
        APR_ARRAY_PUSH(m->known, known_t) = (known_t){.column = UNKNOWN};
    known = &APR_ARRAY_IDX(m->known, member->path, known_t);
    if (!known->rule)
        known->rule =
            wfm_tool_rule(m->tool, wfm_flat_path(row, member), &known->star, &known->star_len);
    return known;
}

/* ---- units ---- */

/* The text of a rule's unit, for this row; NULL: there is none. */
static const char *unit_text(const known_t *known, const wfm_flat_t *row)
{
    const char *unit = known->rule->unit, *star;
    char path[WFM_NAME_MAX + 64];
    const wfm_member_t *member;

    if (!unit || *unit != '=')
        return unit;
    unit++;
    star = strchr(unit, '*');
    if (star)
        apr_snprintf(path, sizeof path, "%.*s%.*s%s", (int)(star - unit), unit,
                     (int)known->star_len, known->star, star + 1);
    member = wfm_flat_find(row, star ? path : unit);
    return member && member->len ? wfm_flat_text(row, member) : NULL;
}

/* What a number of this unit measures; of units that cannot be converted it is the unit that says
 * it. */
static const char *measured(const char *text, const wfm_unit_t *unit, char name[UNIT_MOST + 16])
{
    static const char *const words[] = {[WFM_UNIT_TIME] = "time",
                                        [WFM_UNIT_TIME_PER_OP] = "time_per_op",
                                        [WFM_UNIT_BYTES] = "size",
                                        [WFM_UNIT_BYTES_PER_TIME] = "bandwidth",
                                        [WFM_UNIT_BITS_PER_TIME] = "bit_rate",
                                        [WFM_UNIT_FLOPS] = "flops",
                                        [WFM_UNIT_OPS] = "throughput",
                                        [WFM_UNIT_FREQUENCY] = "frequency",
                                        [WFM_UNIT_POWER] = "power",
                                        [WFM_UNIT_ENERGY] = "energy"};

    if (!text)
        return "value";
    if (unit && unit->family != WFM_UNIT_ALONE)
        return words[unit->family];
    if (unit)
        text = unit->name;
    apr_snprintf(name, UNIT_MOST + 16, "value (%.*s)",
                 (int)wfm_text_cut(text, strlen(text), UNIT_MOST), text);
    return name;
}

/* ---- columns ---- */

/* A rule's name with what "*" and "~" stand for. */
static void write_name(char name[LONGEST + 1], const known_t *known, const char *what)
{
    apr_size_t n = 0;

    for (const char *s = known->rule->name; *s; s++) {
        const char *piece = *s == '*' ? known->star : *s == '~' ? what : s;
        apr_size_t len = *s == '*' ? known->star_len : *s == '~' ? strlen(what) : 1;

        len = wfm_text_cut(piece, len, LONGEST - n);
        memcpy(name + n, piece, len);
        n += len;
    }
    name[n] = '\0';
}

static int is_filled(const wfm_mapping_t *m, int column)
{
    return APR_ARRAY_IDX(m->filled, column, apr_int64_t) == m->number;
}

/* The column of that name and role that this record has not filled. @return -1: it cannot be */
static int column_of(wfm_mapping_t *m, const char *name, wfm_role_e role)
{
    int at = wfm_columns_find(m->columns, name, strlen(name));

    if (at >= 0)
        return wfm_columns_role(m->columns, at) == role && !is_filled(m, at) ? at : -1;
    if (m->columns->names->nelts == WFM_RECORD_COLUMNS)
        return -1;
    APR_ARRAY_PUSH(m->filled, apr_int64_t) = 0;
    return wfm_columns_add(m->columns, name, strlen(name), role);
}

/* Does the tool have a member of its own that is called so? */
static int is_reserved(const wfm_tool_t *tool, const char *name)
{
    for (const wfm_rule_t *rule = tool->rules; strcmp(rule->path, "*") != 0; rule++)
        if (!strchr(rule->path, '*') && rule->role != WFM_ROLE_DROPPED &&
            !strcmp(rule->name ? rule->name : rule->path, name))
            return 1;
    return 0;
}

/* The first of these names that is free: its own, that of its path, and that with a number. */
static int free_column(wfm_mapping_t *m, const wfm_rule_t *rule, const char *name, const char *path)
{
    char other[WFM_NAME_MAX + 1];
    int at = -1;

    if (!strchr(rule->path, '*') || !is_reserved(m->tool, name))
        at = column_of(m, name, rule->role);
    if (at < 0 && strcmp(name, path) != 0)
        at = column_of(m, path, rule->role);
    if (at >= 0)
        return at;
    apr_snprintf(other, sizeof other, "%s (2)", path);
    return column_of(m, other, rule->role);
}

static int find_column(wfm_mapping_t *m, const wfm_flat_t *row, const wfm_member_t *member,
                       known_t *known, const char *what)
{
    const char *path = wfm_flat_path(row, member);
    char name[LONGEST + 1];
    int at = known->column;

    if (at >= 0 && !is_filled(m, at))
        return at;
    if (!*path && !known->rule->name)
        path = apr_psprintf(m->p, "column %d", m->columns->names->nelts + 1);
    if (known->rule->name)
        write_name(name, known, what);
    at = free_column(m, known->rule, known->rule->name ? name : path, path);
    if (!known->rule->name || !strchr(known->rule->name, '~'))
        known->column = at;
    return at;
}

/* ---- cells ---- */

/* Is it a number that says no unit itself? In quotes it is one, too ("value": "12.5"). */
static int is_bare_number(const wfm_flat_t *row, const wfm_member_t *member)
{
    wfm_figure_t figure;

    return member->kind == WFM_CELL_NUMBER ||
           (member->kind == WFM_CELL_TEXT &&
            wfm_figure_read(wfm_flat_text(row, member), member->len, WFM_POINT_IS_DECIMAL,
                            &figure) &&
            !figure.unit);
}

/* @param unit as the file spells it; NULL: none that is known */
static void add_cell(wfm_mapping_t *m, const wfm_flat_t *row, const wfm_member_t *member,
                     int column, const char *unit)
{
    apr_size_t at = NOT_HERE, len = member->len;

    if (unit && is_bare_number(row, member)) {
        at = (apr_size_t)m->text->nelts;
        wfm_bytes_append(m->text, wfm_flat_text(row, member), len);
        wfm_bytes_append(m->text, " ", 1);
        wfm_bytes_append(m->text, unit, strlen(unit) + 1);
        len += 1 + strlen(unit);
    }
    APR_ARRAY_IDX(m->filled, column, apr_int64_t) = m->number;
    APR_ARRAY_PUSH(m->cells, wfm_cell_t) =
        (wfm_cell_t){column, member->kind, wfm_flat_text(row, member), len};
    APR_ARRAY_PUSH(m->ats, apr_size_t) = at;
}

/* Does no column come of it? Of a metric that is null one does: another file has its number. */
static int is_passed_by(const wfm_mapping_t *m, const wfm_rule_t *rule, const wfm_member_t *member)
{
    if (rule->role == WFM_ROLE_DROPPED || m->tool == &wfm_tool_none)
        return rule->role == WFM_ROLE_DROPPED;
    return member->kind == WFM_CELL_LIST ||
           (member->kind == WFM_CELL_ABSENT &&
            (rule->role != WFM_ROLE_METRIC || !strcmp(rule->path, "*")));
}

static wfm_error_t *map_member(wfm_mapping_t *m, const wfm_flat_t *row, const wfm_member_t *member)
{
    known_t *known = know(m, row, member);
    const char *text = NULL;
    const wfm_unit_t *unit = NULL;
    char name[UNIT_MOST + 16];
    int column;

    if (is_passed_by(m, known->rule, member))
        return NULL;
    if (known->rule->unit) {
        text = unit_text(known, row);
        unit = text ? wfm_unit_of_cell(text, strlen(text), 1) : NULL;
    }
    column = find_column(m, row, member, known, measured(text, unit, name));
    if (column < 0)
        return wfm_flat_fault(row, "no column is left for '%s': there are 1600 at most",
                              wfm_text_short(m->p, wfm_flat_path(row, member)));
    wfm_columns_say_unit(m->columns, column, unit);
    add_cell(m, row, member, column, unit ? text : NULL);
    return NULL;
}

wfm_error_t *wfm_mapping_record(wfm_mapping_t *m, wfm_flat_t *row, wfm_record_t *record)
{
    const apr_array_header_t *members;

    m->number++;
    apr_array_clear(m->cells);
    apr_array_clear(m->ats);
    apr_array_clear(m->text);
    if (m->tool->prepare)
        WFM_TRY(m->tool->prepare(row, m->notes));
    members = wfm_flat_members(row);
    for (int i = 0; i < members->nelts; i++)
        WFM_TRY(map_member(m, row, &APR_ARRAY_IDX(members, i, wfm_member_t)));
    for (int i = 0; i < m->cells->nelts; i++) /* the text stays where it is now */
        if (APR_ARRAY_IDX(m->ats, i, apr_size_t) != NOT_HERE)
            APR_ARRAY_IDX(m->cells, i, wfm_cell_t).text =
                m->text->elts + APR_ARRAY_IDX(m->ats, i, apr_size_t);
    *record = (wfm_record_t){wfm_flat_line(row), m->cells->nelts,
                             (const wfm_cell_t *)(const void *)m->cells->elts};
    return NULL;
}
