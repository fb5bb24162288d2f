/*
 * test_schema.c - who knows better than inference: the config's schema, and the sender.
 */
#include "ingest/file.h"
#include "ingest/schema.h"
#include "unit.h"
#include <apr_strings.h>
#include <string.h>

typedef struct seen_t {
    wfm_columns_t columns;
    wfm_inference_t inference;
    wfm_notes_t notes;
    char delimiter;
} seen_t;

static void look_at(seen_t *s, const char *csv)
{
    wfm_notes_t said;

    wfm_columns_init(&s->columns, unit_pool());
    wfm_infer_init(&s->inference, unit_pool(), &s->columns);
    wfm_notes_init(&s->notes, unit_pool());
    wfm_notes_init(&said, unit_pool());
    CU_ASSERT_PTR_NULL(wfm_file_read(unit_pool(), WFM_FORMAT_CSV, csv, strlen(csv), &s->columns,
                                     &said, wfm_infer_record, &s->inference, &s->delimiter));
    wfm_infer_decide(&s->inference, s->delimiter, NULL);
}

/* "Op:d n:dw time:m[ms]": a column's class, whole numbers, unit. */
static const char *told(const seen_t *s)
{
    const char *text = "";

    for (int i = 0; i < s->inference.inferred->nelts; i++) {
        const wfm_inferred_t *c = &APR_ARRAY_IDX(s->inference.inferred, i, wfm_inferred_t);

        text = apr_psprintf(unit_pool(), "%s%s%s:%c%s%s%s%s", text, i ? " " : "", c->name,
                            "-dm"[c->what], c -> whole ? "w" : "", c->unit ? "[" : "",
                            c->unit ? c->unit->name : "", c->unit ? "]" : "");
    }
    return text;
}

static wfm_schema_field_t *field(wfm_schema_t *schema, const char *name, wfm_class_e what)
{
    wfm_schema_field_t *f = wfm_schema_field(schema, name, strlen(name));

    f->what = what;
    return f;
}

#define TABLE "Op,n,time,note\nGEMM,1,5 ms,x\nConv,2,6 ms,y\n"

static void test_schema_decides(void)
{
    wfm_schema_t schema;
    seen_t s;

    look_at(&s, TABLE);
    expect_str(told(&s), "Op:d n:dw time:m[ms] note:d");
    wfm_schema_init(&schema, unit_pool());
    field(&schema, "time", WFM_DIMENSION);
    field(&schema, "n", WFM_METRIC);
    field(&schema, "absent", WFM_METRIC);
    field(&schema, "note", WFM_LEFT_OUT);
    wfm_schema_apply(&schema, &s.inference);
    expect_str(told(&s), "Op:- n:m time:d note:-");
    wfm_infer_decide(&s.inference, s.delimiter, NULL); /* anew: as if nobody had said anything */
    expect_str(told(&s), "Op:d n:dw time:m[ms] note:d");
}

static void test_units_and_types(void)
{
    wfm_schema_t schema;
    seen_t s;

    look_at(&s, TABLE);
    wfm_schema_init(&schema, unit_pool());
    field(&schema, "n", WFM_DIMENSION)->whole = 0;
    field(&schema, "time", WFM_METRIC)->unit = wfm_unit_of_cell("us", 2, 1);
    field(&schema, "note", WFM_METRIC)->unit = wfm_unit_of_cell("s", 1, 1);
    wfm_schema_apply(&schema, &s.inference);
    wfm_schema_units(&schema, &s.inference);
    expect_str(told(&s), "Op:- n:d time:m[us] note:m[s]");
    expect_str(APR_ARRAY_IDX(s.inference.inferred, 2, wfm_inferred_t).bare->name, "us");
    expect_str(APR_ARRAY_IDX(s.inference.inferred, 3, wfm_inferred_t).bare->name, "s");
}

/* A file's first unit is not the schema's; a column's name says one for all files. */
static void test_no_unit(void)
{
    wfm_schema_t schema;
    seen_t s;

    look_at(&s, "a,b_us,c_us,d\n5 ms,5 ms,5 ms,5 ms\n");
    wfm_schema_init(&schema, unit_pool());
    field(&schema, "a", WFM_METRIC);
    field(&schema, "b_us", WFM_METRIC);
    field(&schema, "c_us", WFM_METRIC)->unit = wfm_unit_of_cell("s", 1, 1);
    wfm_schema_apply(&schema, &s.inference);
    wfm_infer_say(&APR_ARRAY_IDX(s.inference.inferred, 3, wfm_inferred_t), WFM_METRIC, "said");
    wfm_schema_units(&schema, &s.inference);
    expect_str(told(&s), "a:m b_us:m[us] c_us:m[s] d:m");
    CU_ASSERT_PTR_NULL(APR_ARRAY_IDX(s.inference.inferred, 0, wfm_inferred_t).bare);
    expect_str(APR_ARRAY_IDX(s.inference.inferred, 2, wfm_inferred_t).bare->name, "us");
}

static const apr_array_header_t *names(const char *one, const char *two)
{
    apr_array_header_t *list = apr_array_make(unit_pool(), 2, sizeof(const char *));

    APR_ARRAY_PUSH(list, const char *) = one;
    if (two)
        APR_ARRAY_PUSH(list, const char *) = two;
    return list;
}

static void test_sender_decides(void)
{
    seen_t s;

    look_at(&s, TABLE);
    wfm_schema_overrule(&s.inference, WFM_DIMENSION, names("Op", "time"));
    expect_str(told(&s), "Op:d n:- time:d note:-");
    wfm_schema_overrule(&s.inference, WFM_METRIC, names("n", NULL));
    expect_str(told(&s), "Op:d n:m time:d note:-");
}

/* What might have been a metric is noted only where nobody said what it is. */
static void test_notes(void)
{
    const char *csv = "v\n1\n2\n3\nx\n";
    seen_t s;

    look_at(&s, csv);
    wfm_infer_note(&s.inference, s.delimiter, &s.notes);
    expect_int(s.notes.n, 1);
    look_at(&s, csv);
    wfm_schema_overrule(&s.inference, WFM_DIMENSION, names("v", NULL));
    wfm_infer_note(&s.inference, s.delimiter, &s.notes);
    expect_int(s.notes.n, 0);
}

SUITE(schema) = {
    {"columns are what the schema says", test_schema_decides},
    {"units and types are what it says", test_units_and_types},
    {"no unit of a file is the schema's", test_no_unit},
    {"the sender overrules, with whole lists", test_sender_decides},
    {"what is said is not noted", test_notes},
    CU_TEST_INFO_NULL,
};
