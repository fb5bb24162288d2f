/*
 * openapi_fragments.c - owns the pieces of the description that no table says: schemas that are no
 * shapes, and headers.
 */
#include "openapi.h"

#define STRING "{\"type\":\"string\"}"

#define SCALAR  "{\"type\":[\"string\",\"number\",\"boolean\",\"null\"]}"
#define SCALARS SCALAR ",{\"type\":\"array\",\"items\":" SCALAR "}"

/* What a column of jsonb is meant to hold, and what it may: who finds an array, or an object, knows
 * what is in it. */
#define STORED(meant, other)                                                                       \
    "{\"description\":\"null if it is too large\",\"anyOf\":[" meant                               \
    ",{\"type\":\"null\"},{\"description\":\"as it is, too, if somebody stored "                   \
    "it\",\"type\":\"" other                                                                       \
    "\"},{\"type\":\"string\"},{\"type\":\"number\"},{\"type\":\"boolean\"}]}"

/* The number may stand in quotes. */
#define BOUND                                                                                      \
    "{\"anyOf\":[{\"type\":\"number\"},{\"type\":\"string\",\"pattern\":"                          \
    "\"^-?(0|[1-9][0-9]*)(\\\\.[0-9]+)?([eE][-+]?[0-9]+)?$\"}]}"
#define BOUNDS(word, sign) "\"" word "\":" BOUND ",\"" sign "\":" BOUND
#define COMPARISONS                                                                                \
    BOUNDS("gte", ">=")                                                                            \
    "," BOUNDS("gt", ">") "," BOUNDS("lte", "<=") "," BOUNDS("lt", "<") "," BOUNDS(                \
        "eq", "=") "," BOUNDS("ne", "!=")

const api_fragment_t api_schema_fragments[] = {
    {"Meta",
     "{\"type\":\"object\",\"properties\":{\"code\":{\"type\":\"integer\",\"enum\":[2000]}},"
     "\"required\":[\"code\"]}"},
    {"Error",
     "{\"type\":\"object\",\"description\":\"every error; meta.code is the status times ten, the"
     " message stands in two places, and errors lists every bad input\",\"properties\":{"
     "\"meta\":{\"type\":\"object\",\"properties\":{\"code\":{\"type\":\"integer\"},"
     "\"message\":" STRING "},\"required\":[\"code\",\"message\"]},\"message\":" STRING
     ",\"reason\":" STRING ",\"errors\":"
     "{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"field\":" STRING
     ",\"message\":" STRING "},\"required\":[\"field\",\"message\"]}}},"
     "\"required\":[\"meta\",\"message\"]}"},
    {"DimensionFilter",
     "{\"type\":\"object\",\"description\":\"by names of dimensions: a value, an array of values, "
     "or"
     " {\\\"not\\\": either}; null stands for rows that lack the dimension\",\"maxProperties\":100,"
     "\"propertyNames\":{\"maxLength\":1000},\"additionalProperties\":{\"anyOf\":[" SCALARS
     ",{\"type\":\"object\",\"properties\":{\"not\":{\"anyOf\":[" SCALARS
     "]}},\"required\":[\"not\"],\"additionalProperties\":false}]}}"},
    {"MetricFilters",
     "{\"type\":\"object\",\"description\":\"by names of metrics: a number, or comparisons that all"
     " must hold\",\"maxProperties\":100,\"propertyNames\":{\"maxLength\":1000},"
     "\"additionalProperties\":{\"anyOf\":[" BOUND
     ",{\"type\":\"object\",\"properties\":{" COMPARISONS "},\"additionalProperties\":false}]}}"},
    {"SchemaField",
     "{\"description\":\"a name, or an object that has one\",\"anyOf\":[{\"type\":\"string\","
     "\"maxLength\":1000},{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\","
     "\"maxLength\":1000}},\"required\":[\"name\"],\"additionalProperties\":true}]}"},
    {"SchemaFieldPatch",
     "{\"type\":\"object\",\"description\":\"null leaves what it is\",\"properties\":{\"name\":"
     "{\"type\":\"string\",\"maxLength\":1000},\"direction\":{\"type\":[\"string\",\"null\"],"
     "\"enum\":[\"higher\",\"lower\",\"\",null]},\"unit\":{\"type\":[\"string\",\"null\"],"
     "\"maxLength\":255},\"description\":{\"type\":[\"string\",\"null\"],\"maxLength\":1000}},"
     "\"required\":[\"name\"],\"additionalProperties\":false}"},
    {"Texts", STORED("{\"type\":\"array\",\"items\":" STRING "}", "object")},
    {"SchemaFields",
     STORED("{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/SchemaField\"}}",
            "object")},
    {"StoredValues",
     STORED("{\"type\":\"object\",\"description\":\"by names; scalars, unless a collector stored"
            " something else\",\"additionalProperties\":true}",
            "array")},
    {"SampleFile",
     "{\"type\":\"object\",\"properties\":{\"content\":" STRING ",\"path\":{\"type\":[\"string\","
     "\"null\"]},\"name\":{\"type\":[\"string\",\"null\"]},\"file_type\":{\"type\":[\"string\","
     "\"null\"]}},"
     "\"required\":[\"content\"]}"},
    {"NamesOrValues",
     "{\"description\":\"the names; with schema_id the same as values\",\"anyOf\":[{\"type\":"
     "\"array\",\"items\":" STRING "},{\"type\":\"object\",\"additionalProperties\":{\"type\":"
     "\"array\",\"items\":" STRING "}}]}"},
    {"InferredDimensions",
     "{\"type\":\"object\",\"additionalProperties\":{\"type\":[\"string\",\"integer\"]}}"},
    {"InferredRawData",
     "{\"type\":\"object\",\"description\":\"what is neither dimension nor"
     " metric: text, or JSON as the file has it\",\"additionalProperties\":true}"},
    {"ExportRow", "{\"type\":\"object\",\"description\":\"a value for each column: dimensions,"
                  " metrics, collected_at, source_file, and what include adds\","
                  "\"additionalProperties\":true}"},
    {NULL, NULL},
};

#define HEADER(name, about)                                                                        \
    {                                                                                              \
        name, "{\"description\":\"" about "\",\"schema\":" STRING "}"                              \
    }

const api_fragment_t api_header_fragments[] = {
    HEADER("ETag", "for If-None-Match; of a single row also for If-Match"),
    HEADER("Location", "the path of what was created"),
    HEADER("Allow", "the methods of this path"),
    HEADER("Retry-After", "seconds"),
    HEADER("Accept-Ranges", "none: two exports are not one file"),
    HEADER("Content-Disposition", "attachment, with a file's name"),
    HEADER("Wfmetrics-Truncated", "does the limit leave rows out: true, false or unknown"),
    {"Wfmetrics-Verdict",
     "{\"description\":\"of the whole comparison: the first of these that a series has\","
     "\"schema\":{\"type\":\"string\",\"enum\":[\"regression\",\"changed\",\"improvement\","
     "\"undetermined\",\"unchanged\"]}}"},
    {NULL, NULL},
};
