/*
 * columns.c - owns which columns a file has.
 */
#include "columns.h"
#include <apr_strings.h>

void wfm_columns_init(wfm_columns_t *columns, apr_pool_t *p)
{
    columns->pool = p;
    columns->names = apr_array_make(p, 16, sizeof(const char *));
    columns->roles = apr_array_make(p, 16, sizeof(wfm_role_e));
    columns->units = apr_array_make(p, 16, sizeof(const wfm_unit_t *));
    columns->places = apr_hash_make(p);
}

int wfm_columns_find(const wfm_columns_t *columns, const char *name, apr_size_t len)
{
    const int *place = apr_hash_get(columns->places, name, (apr_ssize_t)len);

    return place ? *place : -1;
}

int wfm_columns_add(wfm_columns_t *columns, const char *name, apr_size_t len, wfm_role_e role)
{
    int *place = apr_palloc(columns->pool, sizeof *place);

    name = apr_pstrmemdup(columns->pool, name, len);
    *place = columns->names->nelts;
    apr_hash_set(columns->places, name, (apr_ssize_t)len, place);
    APR_ARRAY_PUSH(columns->names, const char *) = name;
    APR_ARRAY_PUSH(columns->roles, wfm_role_e) = role;
    APR_ARRAY_PUSH(columns->units, const wfm_unit_t *) = NULL;
    return *place;
}

const char *wfm_columns_name(const wfm_columns_t *columns, int at)
{
    return APR_ARRAY_IDX(columns->names, at, const char *);
}

wfm_role_e wfm_columns_role(const wfm_columns_t *columns, int at)
{
    return APR_ARRAY_IDX(columns->roles, at, wfm_role_e);
}

void wfm_columns_say_unit(wfm_columns_t *columns, int at, const wfm_unit_t *unit)
{
    const wfm_unit_t **said = &APR_ARRAY_IDX(columns->units, at, const wfm_unit_t *);

    if (!*said)
        *said = unit;
}

const wfm_unit_t *wfm_columns_unit(const wfm_columns_t *columns, int at)
{
    return APR_ARRAY_IDX(columns->units, at, const wfm_unit_t *);
}
