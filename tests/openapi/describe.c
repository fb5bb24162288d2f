/*
 * describe.c - a filter for docs/api.md: what stands between "<!-- made: … -->" and
 * "<!-- /made -->" is made anew of the route table, the rest passes as it is.
 *
 *   made: index                the table of all endpoints
 *   made: inputs GET /runs     a row's parameters, or the fields of its body
 */
#include "api/api.h"
#include <apr_general.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *method_of(const wfm_route_t *r)
{
    switch (r->method) {
    case WFM_POST:
        return "POST";
    case WFM_PUT:
        return "PUT";
    case WFM_PATCH:
        return "PATCH";
    case WFM_DELETE:
        return "DELETE";
    default:
        return "GET";
    }
}

/* The name that a heading's link has on GitHub. */
static void print_anchor(const char *method, const char *path)
{
    for (const char *c = method; *c; c++)
        putchar(apr_tolower(*c));
    putchar('-');
    for (const char *c = path; *c; c++)
        if (apr_isalnum(*c) || *c == '-' || *c == '_')
            putchar(apr_tolower(*c));
}

static void make_index(void)
{
    puts("| request | what it does |\n|---|---|");
    for (int i = 0; i < wfm_routes_count; i++) {
        const wfm_route_t *r = &wfm_routes[i];

        printf("| [`%s %s`](#", method_of(r), r->path);
        print_anchor(method_of(r), r->path);
        printf(") | %s |\n", r->summary);
    }
}

/* ---- inputs ---- */

static void print_values(FILE *out, const char *const *values, const char *before)
{
    for (; *values; values++, before = ", ")
        fprintf(out, "%s`%s`", before, *values);
}

static void print_type(FILE *out, const wfm_param_spec_t *s, int in_body)
{
    static const char *const names[] = {
        [WFM_PARAM_ID] = "integer from 1",
        [WFM_PARAM_OFFSET] = "integer from 0",
        [WFM_PARAM_LIMIT] = "integer from 1",
        [WFM_PARAM_NUMBER] = "",
        [WFM_PARAM_ENUM] = "",
        [WFM_PARAM_BOOL] = "`true` or `false`",
        [WFM_PARAM_TIME] = "time",
        [WFM_PARAM_TEXT] = "string",
        [WFM_PARAM_NAME] = "[name](#names)",
        [WFM_PARAM_ZONE] = "name of a time zone",
        [WFM_PARAM_NAMES] = "[names](#names)",
        [WFM_PARAM_IDS] = "ids, separated by commas",
        [WFM_PARAM_DIMENSIONS] = "a [dimension filter](#dimension-filter)",
        [WFM_PARAM_METRIC_FILTERS] = "a [metric filter](#metric-filter)",
        [WFM_PARAM_TEXT_ARRAY] = "array of non-blank strings",
        [WFM_PARAM_NAME_ARRAY] = "array of [names](#names)",
        [WFM_PARAM_OBJECT] = "object",
        [WFM_PARAM_FILES] =
            "array of objects, each with a `content`, perhaps `path`, `name`, `file_type`",
        [WFM_PARAM_FIELD_PATCHES] = ("array of objects, each with a `name`, perhaps `direction` "
                                     "(`higher`, `lower` or empty), `unit`, `description`"),
        [WFM_PARAM_FIELD_ARRAY] = "array of fields, each a name or an object with a `name`",
    };
    int is_text = s->type == WFM_PARAM_TEXT;

    fprintf(out, "%s", s->type == WFM_PARAM_BOOL && in_body ? "boolean" : names[s->type]);
    if (s->values && s->type != WFM_PARAM_NAME)
        print_values(out, s->values, s->type == WFM_PARAM_ENUM ? "" : " out of ");
    if (s->bounds)
        fprintf(out, "%s from %.15g to %.15g", s->bounds->whole ? "integer" : "number",
                s->bounds->least, s->bounds->most);
    if (s->flags & WFM_PARAM_NOT_BLANK)
        fprintf(out, ", not blank");
    if (s->flags & WFM_PARAM_EXPORT_LIMIT)
        fprintf(out, ", at most `WfmetricsExportMaxRows`");
    else if (s->max)
        fprintf(out, ", at most %" APR_INT64_T_FMT "%s", s->max, is_text ? " characters" : "");
}

static void print_default(FILE *out, const wfm_param_spec_t *s)
{
    if (s->flags & WFM_PARAM_REQUIRED)
        fprintf(out, "required");
    else if (s->type == WFM_PARAM_OFFSET || s->type == WFM_PARAM_LIMIT)
        fprintf(out, "%" APR_INT64_T_FMT, s->def);
    else if (s->type == WFM_PARAM_BOOL && s->def)
        fprintf(out, s->def == WFM_PARAM_TRUE ? "`true`" : "`false`");
    else if (s->type == WFM_PARAM_ID && s->def)
        fprintf(out, "%" APR_INT64_T_FMT, s->def);
    else if (s->bounds)
        fprintf(out, "%.15g", s->bounds->def);
    else if (s->values && s->type != WFM_PARAM_NAMES && s->def >= 0)
        fprintf(out, "`%s`", s->values[s->def]);
}

static void print_beside(FILE *out, const wfm_param_spec_t *specs, const wfm_param_spec_t *s)
{
    const char *before = "; for ";

    while (strcmp(specs->name, s->only_with) != 0)
        specs++;
    for (int i = 0; specs->values[i]; i++) {
        if (!(s->only_values & 1u << i))
            continue;
        fprintf(out, "%s`%s=%s`", before, specs->name, specs->values[i]);
        before = " or ";
    }
    fprintf(out, " only");
}

/* What stands behind the name. The text is malloc's: the program is short. */
static const char *cells(const wfm_param_spec_t *specs, const wfm_param_spec_t *s, int in_body)
{
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    print_type(out, s, in_body);
    if (s->about)
        fprintf(out, "; %s", s->about);
    if (s->only_with)
        print_beside(out, specs, s);
    fprintf(out, " | ");
    print_default(out, s);
    fclose(out);
    return text;
}

static void make_inputs(const char *row)
{
    const wfm_param_spec_t *specs = NULL;
    int in_body = 0;

    for (int i = 0; i < wfm_routes_count && !specs; i++) {
        const wfm_route_t *r = &wfm_routes[i];
        size_t len = strlen(method_of(r));

        if (strncmp(row, method_of(r), len) || row[len] != ' ' || strcmp(row + len + 1, r->path))
            continue;
        in_body = r->body && !r->body->header; /* a header's are the query's, and some more */
        specs = r->body ? r->body->fields : r->params;
    }
    if (!specs) {
        fprintf(stderr, "describe: there is no row '%s'\n", row);
        exit(1);
    }
    printf("| %s | type | default |\n|---|---|---|\n", in_body ? "field" : "parameter");
    for (const wfm_param_spec_t *s = specs, *next; s->name; s = next) {
        const char *text = cells(specs, s, in_body);

        next = s + 1;
        if (s->flags & WFM_PARAM_PATH)
            continue;
        printf("| `%s`", s->name);
        for (; next->name && !strcmp(cells(specs, next, in_body), text); next++)
            printf(", `%s`", next->name);
        printf(" | %s |\n", text);
    }
}

static void make(const char *what)
{
    if (!strcmp(what, "index"))
        make_index();
    else if (!strncmp(what, "inputs ", 7))
        make_inputs(what + 7);
}

int main(void)
{
    static char line[64 * 1024];
    int skipping = 0;

    while (fgets(line, sizeof line, stdin)) {
        char *end = strstr(line, " -->");

        if (!strcmp(line, "<!-- /made -->\n"))
            skipping = 0;
        if (!skipping)
            fputs(line, stdout);
        if (strncmp(line, "<!-- made: ", 11) || !end)
            continue;
        *end = '\0';
        make(line + 11);
        skipping = 1;
    }
    return 0;
}
