/*
 * list.c - reads lists of names or ids that come as one text.
 */
#include "list.h"
#include "text.h"
#include <apr_strings.h>
#include <string.h>

int wfm_list_split(apr_pool_t *p, const char *s, apr_array_header_t *names)
{
    static const char blanks[] = " \t\r\n";
    const char *name;
    apr_size_t len;

    for (;; s++) {
        s += strspn(s, blanks);
        name = s;
        len = strcspn(s, ",");
        s += len;
        while (len > 0 && strchr(blanks, name[len - 1]))
            len--;
        if (len == 0)
            return 0;
        wfm_names_add(names, apr_pstrmemdup(p, name, len));
        if (*s == '\0')
            return 1;
    }
}

int wfm_list_read(apr_pool_t *p, json_object *json, int integers, apr_array_header_t *names)
{
    if (!json_object_is_type(json, json_type_array))
        return 0;
    for (size_t i = 0; i < json_object_array_length(json); i++) {
        json_object *item = json_object_array_get_idx(json, i);

        if (!json_object_is_type(item, json_type_string) &&
            !(integers && json_object_is_type(item, json_type_int)))
            return 0;
        wfm_names_add(names, apr_pstrdup(p, json_object_get_string(item)));
    }
    return 1;
}
