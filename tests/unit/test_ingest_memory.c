/*
 * test_ingest_memory.c - what reading takes does not grow with the rows: neither the readers nor
 * the inference nor the rows that are made keep anything of one that has been handed over.
 */
#include "ingest/file.h"
#include "ingest/rows.h"
#include "unit.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A file whose middle comes any number of times. */
typedef struct form_t {
    wfm_format_e format;
    const char *head, *row, *tail;
} form_t;

static const form_t forms[] = {
    {WFM_FORMAT_CSV, "Op,n,time,,time\n",
     "\"a \"\"b\"\"\",8,12.5 us,7,N/A\nx,1e400,\"3\n\",\xc3\xa9,1;2,too many\n\n", ""},
    {WFM_FORMAT_TSV, "a\tb\n", "1\t2 s\n\"x\ty\"\t3 apples\n", ""},
    {WFM_FORMAT_NDJSON, "",
     "{\"a\":{\"b\":1.5,\"\\u0063\":\"\\n\"},\"l\":[1,{}],\"d\":\"1 us\",\"\":1}\n", "{}"},
    {WFM_FORMAT_JSON, "[{\"a\":\"1 us\"}", ",{\"a\":\"2 s\",\"b\":NaN,\"c\":true,\"e\":null}", "]"},
    {WFM_FORMAT_GOOGLE_BENCHMARK, "{\"benchmarks\":[{\"name\":\"a\",\"time_unit\":\"ns\"}",
     ",{\"name\":\"b/m:8/name:2\",\"time_unit\":\"us\",\"real_time\":1,\"error_occurred\":true},"
     "{\"name\":\"c\",\"aggregate_name\":\"cv\",\"aggregate_unit\":\"percentage\",\"x\":1}",
     "]}"},
    {WFM_FORMAT_PYTEST_BENCHMARK, "{\"benchmarks\":[{\"fullname\":\"a\",\"stats\":{\"mean\":1}}",
     ",{\"fullname\":\"b\",\"params\":{\"mean\":1},\"extra_info\":{\"mean\":2,\"v\":[1]},\"stats\":"
     "{\"mean\":3,\"data\":[1,2,3]}}",
     "]}"},
    {WFM_FORMAT_HYPERFINE, "{\"results\":[{\"command\":\"a\",\"mean\":1}",
     ",{\"command\":\"a\",\"mean\":1,\"x\":1,\"parameters\":{\"x\":2,\"mean\":\"3\"}}", "]}"},
    {WFM_FORMAT_JMH, "[{\"benchmark\":\"a\",\"primaryMetric\":{\"score\":1}}",
     ",{\"benchmark\":\"a\",\"primaryMetric\":{\"score\":1,\"scoreUnit\":\"us/op\"},"
     "\"secondaryMetrics\":{\"time_per_op\":{\"score\":\"x\",\"scoreUnit\":\"ms\"}}}",
     "]"},
    {WFM_FORMAT_GITHUB_ACTION_BENCHMARK, "[{\"name\":\"a\",\"unit\":\"s\",\"value\":1}",
     ",{\"name\":\"a\",\"unit\":\"widgets\",\"value\":1},{\"name\":\"b\",\"unit\":\"ms\",\"value\":"
     "\"x\"}",
     "]"},
    {WFM_FORMAT_BENCHER, "{\"a\":{\"v\":{\"value\":1}}",
     ",\"b\":{\"v\":{\"value\":2,\"lower_value\":null},\"name\":{\"value\":1}}", "}"},
};

static wfm_error_t *count(void *ctx, const wfm_row_t *row)
{
    (void)row;
    ++*(int *)ctx;
    return NULL;
}

/* Bytes of the process' own memory, whoever allocates them: pools may take theirs past malloc. */
static long in_use(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long pages[6] = {0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    for (int i = 0; i < 6; i++)
        CU_ASSERT_EQUAL(fscanf(file, "%ld", &pages[i]), 1);
    fclose(file);
    return pages[5] * sysconf(_SC_PAGESIZE);
}

/* So many of them, and so many more. @return bytes that these took */
static long grown(wfm_reader_t *r, const form_t *form, int few, int more)
{
    long before;
    int ok = !wfm_reader_feed(r, form->head, strlen(form->head));

    for (int i = 0; ok && i < few; i++)
        ok = !wfm_reader_feed(r, form->row, strlen(form->row));
    before = in_use();
    for (int i = 0; ok && i < more; i++)
        ok = !wfm_reader_feed(r, form->row, strlen(form->row));
    CU_ASSERT_TRUE(ok);
    before = in_use() - before;
    CU_ASSERT_PTR_NULL(wfm_reader_feed(r, form->tail, strlen(form->tail)));
    CU_ASSERT_PTR_NULL(wfm_reader_end(r));
    return before;
}

#define FEW  100
#define MORE 10000 /* a pointer kept of each would be seen */

static void check_form(const form_t *form)
{
    apr_pool_t *p = unit_pool();
    wfm_columns_t columns, again;
    wfm_inference_t inference;
    wfm_notes_t notes, said;
    wfm_reader_t *r;
    int rows = 0;

    wfm_notes_init(&notes, p);
    wfm_notes_init(&said, p);
    wfm_columns_init(&columns, p);
    wfm_columns_init(&again, p);
    wfm_infer_init(&inference, p, &columns);
    r = wfm_reader_create(p, form->format, &columns, &notes, wfm_infer_record, &inference);
    CU_ASSERT_TRUE(grown(r, form, FEW, MORE) < 2 * MORE);
    wfm_infer_decide(&inference, wfm_reader_delimiter(r), &notes);
    r = wfm_reader_create(p, form->format, &again, &said, wfm_rows_record,
                          wfm_rows_create(p, &inference, &notes, count, &rows));
    CU_ASSERT_TRUE(grown(r, form, FEW, MORE) < 2 * MORE);
    CU_ASSERT_TRUE(rows >= FEW + MORE);
}

static void test_rows(void)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        check_form(&forms[i]);
}

SUITE(ingest_memory) = {
    {"what is read does not stay", test_rows},
    CU_TEST_INFO_NULL,
};
