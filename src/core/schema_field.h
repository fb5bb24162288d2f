/*
 * schema_field.h - the fields of a schema, as a body has them: each a name, or an object with a
 * name.
 */
#ifndef WFM_CORE_SCHEMA_FIELD_H
#define WFM_CORE_SCHEMA_FIELD_H

#include <json-c/json.h>

/** What a field is called: it is its name, or has one. */
json_object *wfm_schema_field_name(json_object *v);

/** Is it a name, or an object with one? */
int wfm_schema_field_is(json_object *v);

/** Is it what a patch may say of a field? */
int wfm_schema_field_is_patch(json_object *v);

/** Is a name in the array twice? */
int wfm_schema_fields_repeat(json_object *array);

#endif
