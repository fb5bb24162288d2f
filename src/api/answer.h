/*
 * answer.h - what an endpoint answers, said in its row: shapes (objects by their columns) and what
 * stands around them.
 *
 * Handlers write by these columns, and the API's description (openapi.c) is made of them: what is
 * described is what is written. shapes.c has the shapes, routes.c says which row answers which.
 */
#ifndef WFM_API_ANSWER_H
#define WFM_API_ANSWER_H

struct api_shape_t;

/** How a column's text becomes JSON. */
typedef enum api_kind_e {
    API_TEXT,         /**< a string */
    API_INT,          /**< an integer, as it is */
    API_NUMBER,       /**< a number, with the digits that it has */
    API_BOOL,         /**< PostgreSQL's t or f */
    API_TIME,         /**< RFC 3339 */
    API_JSON,         /**< jsonb's text, spliced in; '' is one that was left out: see WFM_FIELD */
    API_JSON_TEXT,    /**< the same, of JSON that is a string */
    API_TEXT_OR_NULL, /**< a string; '' is null */
    API_TEXT_SHORT,   /**< the same, cut to API_SHORT_BYTES after a whole character */
    API_AGAIN,        /**< the value of the column before it, which has no column of its own */
    API_SHAPE         /**< an object, see `of` and `fragment`; written by hand */
} api_kind_e;

#define API_SHORT_BYTES 4096

/** What else there is to say about a column. */
enum {
    API_NULLABLE = 1, /**< may be null; what may have been left out (API_JSON) always may */
    API_OPTIONAL = 2, /**< may be absent */
    API_MANY = 4,     /**< an array of such values */
    API_BY_NAME = 8,  /**< an object of such values, by names that are data; with API_MANY: of
                         arrays */
    API_BY_HAND = 16, /**< the handler writes it, not api_columns */
    API_NEWER = 32    /**< older databases lack it: absent where the value is WFM_ABSENT */
};

typedef struct api_column_t {
    const char *name; /**< key in the answer; NULL ends the list */
    api_kind_e kind;
    unsigned flags;
    const char *const *values;    /**< of a text: those there are; NULL-terminated */
    const struct api_shape_t *of; /**< API_SHAPE: its columns … */
    const char *fragment; /**< … or the name of a schema that openapi.c has; also of what a
                             column of API_JSON is meant to hold */
} api_column_t;

/** An object. */
typedef struct api_shape_t {
    const char *name;            /**< in the description; NULL: said in place */
    const api_column_t *columns; /**< in the order in which they are written */
} api_shape_t;

/** What else there is to say about an answer. */
enum {
    API_TAGGED = 1,    /**< it has an ETag; a GET may be answered by 304 */
    API_CREATES = 2,   /**< its status is 201, and it has a Location */
    API_CONFLICTS = 4, /**< it may be 409 */
    API_VERSIONED = 8, /**< a write that compares the row's version with If-Match */
    API_BARE = 16,     /**< without the envelope */
    API_STREAM = 32,   /**< as long as the rows are many */
    API_REFUSES =
        64, /**< a write whose handler refuses a list of tags, behind what else is wrong */
    API_ACCEPTS = 128, /**< its status is 202: what is asked for may be done later */
    API_MAKES = 256 /**< its status is 201 where it has made something, with a Location; else 200 */
};

/** What a row of the route table answers when nothing is wrong. */
typedef struct api_answer_t {
    const char *key;            /**< of the list in the data; NULL: the data is one object */
    const api_shape_t *row;     /**< the object, or each of the list's; NULL: `media` says it all */
    const api_column_t *around; /**< of a list: what its data has besides rows, total, offset, limit
                                   and, where there are cursors, next_cursor; NULL: nothing */
    unsigned flags;
    const char *const *media;       /**< media types other than the row's JSON, or NULL */
    const char *const *headers;     /**< headers of its own, described in openapi.c, or NULL */
    const char *const *csv_headers; /**< those that it has as CSV alone, or NULL */
} api_answer_t;

#endif
