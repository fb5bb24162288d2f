/*
 * test_filter.c - SQL made at run time: its text is the code's, every value is bound.
 */
#include "core/dimfilter.h"
#include "core/json.h"
#include "db/filter.h"
#include "unit.h"
#include <apr_strings.h>
#include <json-c/json.h>
#include <string.h>

/** The bound values, one after another: <7><a'b> */
static const char *bound(const wfm_sql_t *q)
{
    const char *const *params = wfm_sql_params(q);
    const char *text = "";
    int i;

    for (i = 0; i < q->params->nelts; i++)
        text = apr_pstrcat(unit_pool(), text, "<", params[i], ">", NULL);
    return text;
}

static void test_placeholders_count_up(void)
{
    wfm_stmt_t stmt;
    wfm_sql_t q;

    wfm_sql_init(&q, unit_pool());
    wfm_sql_add(&q, "SELECT ");
    expect_int(wfm_sql_bind(&q, "7", "bigint"), 1);
    wfm_sql_add(&q, " WHERE x = ");
    expect_int(wfm_sql_bind(&q, "a'b", "text"), 2);
    wfm_sql_add(&q, " OR y = ");
    wfm_sql_ref(&q, 1, "bigint");
    stmt = wfm_sql_stmt(&q);
    expect_str(stmt.sql, "SELECT $1::bigint WHERE x = $2::text OR y = $1::bigint");
    expect_str(stmt.name, NULL);
    expect_int(stmt.effect, WFM_READS);
    expect_str(bound(&q), "<7><a'b>");
}

static void test_conditions_of_absent_values_vanish(void)
{
    wfm_sql_t q;

    wfm_sql_init(&q, unit_pool());
    wfm_sql_add(&q, "WHERE true");
    wfm_sql_and(&q, "r.status =", NULL, "text");
    wfm_sql_and(&q, "r.config_id =", "3", "bigint");
    wfm_sql_and(&q, "r.name =", "", "text"); /* empty is a value */
    expect_str(wfm_sql_stmt(&q).sql,
               "WHERE true AND r.config_id = $1::bigint AND r.name = $2::text");
    expect_str(bound(&q), "<3><>");
}

static void test_arrays(void)
{
    apr_array_header_t *texts = apr_array_make(unit_pool(), 4, sizeof(const char *));

    expect_str(wfm_sql_array(unit_pool(), texts), "{}");
    APR_ARRAY_PUSH(texts, const char *) = "GEMM";
    expect_str(wfm_sql_array(unit_pool(), texts), "{\"GEMM\"}");
    APR_ARRAY_PUSH(texts, const char *) = "";
    APR_ARRAY_PUSH(texts, const char *) = "a\"b\\c,{d} 'e'";
    APR_ARRAY_PUSH(texts, const char *) = "NULL";
    expect_str(wfm_sql_array(unit_pool(), texts),
               "{\"GEMM\",\"\",\"a\\\"b\\\\c,{d} 'e'\",\"NULL\"}");
}

/** The SQL of a dimension filter given as JSON. */
static const char *dimensions(const char *json, wfm_sql_t *q)
{
    json_object *obj = json_tokener_parse(json);
    wfm_error_t *err = NULL;

    wfm_sql_init(q, unit_pool());
    wfm_sql_dimensions(q, wfm_dimfilter_parse(unit_pool(), "dimensions", obj, &err));
    CU_ASSERT_PTR_NULL(err);
    wfm_json_own(unit_pool(), obj); /* the values are its texts */
    return wfm_sql_stmt(q).sql;
}

static int count(const char *text, char wanted)
{
    int n = 0;

    while (*text)
        n += *text++ == wanted;
    return n;
}

static void test_numbers_in_the_text(void)
{
    wfm_sql_t q;

    wfm_sql_init(&q, unit_pool());
    wfm_sql_add(&q, "LIMIT ");
    wfm_sql_int(&q, APR_INT64_MAX);
    wfm_sql_add(&q, " OFFSET ");
    wfm_sql_int(&q, 0);
    expect_str(wfm_sql_stmt(&q).sql, "LIMIT 9223372036854775807 OFFSET 0");
    expect_int(q.params->nelts, 0);
}

static void test_dimensions(void)
{
    wfm_sql_t q;

    expect_str(dimensions("{}", &q), "");
    expect_str(dimensions("{\"Op\":[]}", &q), "");
    dimensions("{\"Op\":[\"GEMM\",\"Attention\"]}", &q);
    expect_str(bound(&q), "<Op><{\"GEMM\",\"Attention\"}>");
    dimensions("{\"batch_size\":32}", &q);
    expect_str(bound(&q), "<batch_size><32>");
    dimensions("{\"n\":[\"32\",true],\"Op\":\"x\"}", &q);
    expect_str(bound(&q), "<n><{\"32\",\"true\"}><Op><x>");
}

#define OP " AND (m.dimensions ->> $1::text"

static void test_absent_and_negative_dimensions(void)
{
    wfm_sql_t q;

    expect_str(dimensions("{\"Op\":\"a\"}", &q), OP " = $2::text)");
    expect_str(dimensions("{\"Op\":null}", &q), OP " IS NULL)");
    expect_str(dimensions("{\"Op\":[\"a\",null]}", &q),
               OP " = $2::text OR m.dimensions ->> $1::text IS NULL)");
    expect_str(dimensions("{\"Op\":{\"not\":\"a\"}}", &q),
               OP " <> $2::text OR m.dimensions ->> $1::text IS NULL)");
    expect_str(dimensions("{\"Op\":{\"not\":[\"a\",\"b\",null]}}", &q), OP " <> ALL ($2::text[]))");
    expect_str(bound(&q), "<Op><{\"a\",\"b\"}>");
    expect_str(dimensions("{\"Op\":{\"not\":null}}", &q), OP " IS NOT NULL)");
}

/** Whatever a client writes, the SQL of a filter of that shape is the same, and well parenthesised.
 */
static void test_dimension_text_never_reaches_the_sql(void)
{
    static const char *const tame[] = {"{\"a\":\"b\"}", "{\"a\":1}", "{\"a\":[\"b\",1]}",
                                       "{\"a\":\"b\",\"c\":2}"};
    static const char *const wild[] = {"{\"' OR 1=1;--\":\"\\\"'); DROP TABLE x;--\"}",
                                       "{\"$1\\\\%s\":1}", "{\"m.x)\":[\"{}\\\\\\\",NULL\",1]}",
                                       "{\"\\\"\":\"'\",\"%\":2}"};
    wfm_sql_t q;
    unsigned i;

    for (i = 0; i < sizeof(tame) / sizeof(tame[0]); i++) {
        const char *sql = dimensions(tame[i], &q);

        expect_str(dimensions(wild[i], &q), sql);
        expect_int(count(sql, '('), count(sql, ')'));
    }
}

static void test_copy(void)
{
    static const char *const literals[] = {"'$2'", "NULL", " E'\\\\'", "4", "5",
                                           "6",    "7",    "8",        "9", "'ten'"};

    expect_str(wfm_sql_copy(unit_pool(), "SELECT 1", 0, NULL),
               "COPY (SELECT 1) TO STDOUT (FORMAT binary)");
    expect_str(
        wfm_sql_copy(unit_pool(), "SELECT $1::text, $3::text, $10::text OR $1::text", 10, literals),
        "COPY (SELECT '$2'::text,  E'\\\\'::text, 'ten'::text OR '$2'::text) TO STDOUT "
        "(FORMAT binary)");
    expect_str(wfm_sql_copy(unit_pool(), "$2", 2, literals),
               "COPY (NULL) TO STDOUT (FORMAT binary)");
}

static void test_several_texts(void)
{
    wfm_sql_t q;

    wfm_sql_init(&q, unit_pool());
    wfm_sql_texts(&q, "SELECT ", "1", " + ", "2");
    expect_str(wfm_sql_stmt(&q).sql, "SELECT 1 + 2");
}

SUITE(filter) = {
    {"placeholders count up", test_placeholders_count_up},
    {"several texts", test_several_texts},
    {"conditions of absent values vanish", test_conditions_of_absent_values_vanish},
    {"arrays", test_arrays},
    {"numbers in the text", test_numbers_in_the_text},
    {"dimensions", test_dimensions},
    {"absent and negative dimensions", test_absent_and_negative_dimensions},
    {"dimension text never reaches the SQL", test_dimension_text_never_reaches_the_sql},
    {"copy", test_copy},
    CU_TEST_INFO_NULL,
};
