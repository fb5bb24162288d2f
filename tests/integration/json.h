/*
 * json.h - JSON in the tests: read strictly, and looked into without falling over what is not
 * there.
 *
 * json-c only builds the objects. What is JSON is decided before that, because json-c's own strict
 * mode differs from version to version: 0.17 refuses integers beyond 64 bits, 0.18 all text that is
 * not ASCII. And json-c aborts the program that asks null for its length; these fail the test.
 */
#ifndef WFM_TEST_JSON_H
#define WFM_TEST_JSON_H

#include <apr.h>
#include <json-c/json.h>

/** Is the text one JSON value (RFC 8259, UTF-8) and nothing else? */
int json_is_strict(const char *text, apr_size_t len);

/**
 * Read one JSON value; 0: the text is none, and *out is NULL, as it is for null.
 * The object is freed with the test's pool.
 */
int json_read(const char *text, apr_size_t len, json_object **out);

/** The same for text that the test itself wrote: what is no JSON fails the test. */
json_object *json_literal(const char *text);

/** A member of an object; NULL where it is null, is not there, or this is no object. */
json_object *json_member(json_object *object, const char *name);

/** An object's number of members, an array's of elements; anything else fails the test and is -1.
 */
int json_length(json_object *json);

/** An array's element; what is no array, or too short, fails the test and is NULL. */
json_object *json_item(json_object *array, int i);

/** A string's text; anything else fails the test and is "". */
const char *json_text(json_object *string);

/** Remove a member; what is no object fails the test. */
void json_remove(json_object *object, const char *name);

#endif
