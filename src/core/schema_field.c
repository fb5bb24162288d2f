/*
 * schema_field.c - what the fields of a schema may be, and what a patch may say of one.
 */
#include "schema_field.h"
#include "text.h"
#include <string.h>

static int is_text(json_object *v)
{
    return json_object_is_type(v, json_type_string);
}

json_object *wfm_schema_field_name(json_object *v)
{
    if (json_object_is_type(v, json_type_object))
        json_object_object_get_ex(v, "name", &v);
    return v;
}

int wfm_schema_field_is(json_object *v)
{
    return is_text(wfm_schema_field_name(v));
}

/** A text of at most so many characters, or null: not given. */
static int is_text_within(json_object *v, apr_size_t most)
{
    return !v || (is_text(v) && wfm_text_length(json_object_get_string(v),
                                                (apr_size_t)json_object_get_string_len(v)) <= most);
}

static int is_direction(json_object *v)
{
    const char *text = v ? json_object_get_string(v) : "";

    return !v || (is_text(v) && (!*text || !strcmp(text, "higher") || !strcmp(text, "lower")));
}

int wfm_schema_field_is_patch(json_object *v)
{
    if (!json_object_is_type(v, json_type_object) || !wfm_schema_field_is(v))
        return 0;
    json_object_object_foreach(v, key, member)
    {
        if (strcmp(key, "name") != 0 && !(!strcmp(key, "direction") && is_direction(member)) &&
            !(!strcmp(key, "unit") && is_text_within(member, 255)) &&
            !(!strcmp(key, "description") && is_text_within(member, 1000)))
            return 0;
    }
    return 1;
}

int wfm_schema_fields_repeat(json_object *array)
{
    for (size_t i = 0; i < json_object_array_length(array); i++)
        for (size_t k = 0; k < i; k++)
            if (json_object_equal(wfm_schema_field_name(json_object_array_get_idx(array, i)),
                                  wfm_schema_field_name(json_object_array_get_idx(array, k))))
                return 1;
    return 0;
}
