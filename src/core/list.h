/*
 * list.h - lists of names or ids that come as one text: separated by commas, or a JSON array.
 */
#ifndef WFM_CORE_LIST_H
#define WFM_CORE_LIST_H

#include <apr_tables.h>
#include <json-c/json.h>

/**
 * Add the names that stand between commas, without the blanks around them.
 * @param s NUL-terminated
 * @return 0: one of them is empty
 */
int wfm_list_split(apr_pool_t *p, const char *s, apr_array_header_t *names);

/**
 * Add the texts of a JSON array.
 * @param integers they may be integers, too: their digits are added
 * @return 0: it is no array, or holds something else
 */
int wfm_list_read(apr_pool_t *p, json_object *json, int integers, apr_array_header_t *names);

#endif
