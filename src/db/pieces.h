/*
 * pieces.h - pieces of SQL that statements made at run time share.
 */
#ifndef WFM_DB_PIECES_H
#define WFM_DB_PIECES_H

/**
 * A field that may be of any size, in a list or a row: '' in place of a text of more than 1 MiB. No
 * JSON is '', so that it can be told from one that is there (and from NULL).
 */
#define WFM_FIELD(text) "CASE WHEN octet_length(" text ") > 1048576 THEN '' ELSE " text " END"

/**
 * In place of the text of a column that the database lacks, as older ones do: no number, time or
 * JSON, and no text that means anything. Such a column is looked for in the row first, without its
 * alias, and is this one outside where the row has none (sql/parts/newer_run.sql).
 */
#define WFM_ABSENT "\1" /* chr(1) */

/** A number that has a name, as text. */
#define WFM_STRINGIFY_(x) #x
#define WFM_STRINGIFY(x)  WFM_STRINGIFY_(x)

/** The object that a jsonb value is, else an empty one: of what has no members none are asked. */
#define WFM_OBJECT(value) "CASE jsonb_typeof(" value ") WHEN 'object' THEN " value " ELSE '{}' END"

/** The array that it is, else an empty one. */
#define WFM_ARRAY(value) "CASE jsonb_typeof(" value ") WHEN 'array' THEN " value " ELSE '[]' END"

/** What a field in a schema's list is called: it is its name, or an object that has one; else NULL.
 */
#define WFM_FIELD_NAME(field)                                                                      \
    "CASE jsonb_typeof(" field ") WHEN 'string' THEN " field " #>> '{}' WHEN 'object' THEN CASE"   \
    " jsonb_typeof(" field " -> 'name') WHEN 'string' THEN " field " ->> 'name' END END"

/**
 * The number that a jsonb value is, else NULL: the cast is never tried on what is no number. From
 * the bound on it counts as absent: jsonb holds numbers of up to 131072 digits, and their sum or
 * square would end the statement. (004_summaries_4_folding.sql says the same.)
 */
#define WFM_NUMBER(value)                                                                          \
    "CASE jsonb_typeof(" value ") WHEN 'number' THEN CASE WHEN abs((" value                        \
    ")::numeric) < 1e1000 THEN (" value ")::numeric END END"

/**
 * The column metrics of rows m, for a subquery with OFFSET 0. A value of more than 2 KB is kept
 * compressed, and unpacked wherever it is named, once for each field; behind || it is unpacked once
 * (an object || an empty one is that object, nothing is copied).
 */
#define WFM_METRICS_UNPACKED "m.metrics || '{}'::jsonb AS metrics"

/**
 * The sample's standard deviation of n numbers, of their sum and of the sum of their squares (all
 * numeric). PostgreSQL's stddev_samp computes the same, but not from sums that are there already.
 */
#define WFM_STDDEV(n, sum, squares)                                                                \
    "CASE WHEN " n " > 1 THEN trim_scale(sqrt(greatest(" n " * " squares " - " sum " * " sum       \
    ", 0) / (" n " * (" n " - 1)))) END"

#endif
