/*
 * json_schema.h - does JSON have the form that a schema says? Stricter than the schemas are to
 * clients: a field that they do not name is a fault.
 */
#ifndef WFM_TEST_JSON_SCHEMA_H
#define WFM_TEST_JSON_SCHEMA_H

#include <json-c/json.h>

/** What "#/components/schemas/Run" leads to in a document; NULL: nothing. */
json_object *json_schema_follow(json_object *document, const char *reference);

/** What an object's $ref leads to; the object itself if it has none. */
json_object *json_schema_resolve(json_object *document, json_object *object);

/**
 * NULL, or what is wrong with a value.
 * @param document where the schema's references lead
 */
const char *json_schema_fault(json_object *document, json_object *schema, json_object *value);

#endif
