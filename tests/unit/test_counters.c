/*
 * test_counters.c - what several processes count at once adds up, and survives each of them.
 */
#include "core/counters.h"
#include "unit.h"
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 4
#define ROUNDS    20000

static wfm_board_t *board(int processes)
{
    wfm_board_t *b = NULL;

    CU_ASSERT_EQUAL_FATAL(wfm_board_open(&b, unit_pool(), processes), APR_SUCCESS);
    return b;
}

static wfm_counters_t *counters(wfm_board_t *b, const char *name)
{
    wfm_counters_t *c = NULL;

    CU_ASSERT_EQUAL_FATAL(wfm_board_counters(&c, b, name), APR_SUCCESS);
    return c;
}

static apr_uint32_t in_flight(const wfm_counters_t *c)
{
    wfm_totals_t totals;
    apr_uint32_t n;

    wfm_counters_read(c, &totals, &n);
    return n;
}

/* As in the parent after a graceful restart: the same board, the same clusters. */
static void test_a_restart_counts_on(void)
{
    wfm_board_t *b = board(2);

    CU_ASSERT_PTR_EQUAL(board(7), b);
    CU_ASSERT_PTR_EQUAL(counters(b, "one"), counters(board(7), "one"));
    CU_ASSERT_PTR_NOT_EQUAL(counters(b, "one"), counters(b, "two"));
}

static void test_a_request_is_counted(void)
{
    wfm_meter_t meter = {counters(board(1), "one"), 1};
    wfm_totals_t t;
    apr_uint32_t n;

    wfm_meter_begin(&meter);
    expect_int(in_flight(meter.counters), 1);
    wfm_meter_end(&meter);
    wfm_meter_count(&meter, &(wfm_count_t){.rows = 5, .waited = 7});
    wfm_meter_count(&meter, &(wfm_count_t){.status = 504, .broken = 1, .rows = 2});
    wfm_meter_count(&meter, &(wfm_count_t){.status = 404});
    wfm_counters_read(meter.counters, &t, &n);
    expect_int(n, 0);
    expect_int(t.requests, 3);
    expect_int(t.errors[WFM_KIND_TIMEOUT], 1);
    expect_int(t.errors[WFM_KIND_NOT_FOUND], 1);
    expect_int(t.errors[WFM_KIND_INTERNAL], 0);
    expect_int(t.broken, 1);
    expect_int(t.rows, 7);
    expect_int(t.waited, 7);
}

static void test_kinds(void)
{
    static const struct {
        int status;
        wfm_error_kind_e kind;
    } cases[] = {
        {400, WFM_KIND_REQUEST},     {405, WFM_KIND_REQUEST},   {413, WFM_KIND_REQUEST},
        {403, WFM_KIND_FORBIDDEN},   {404, WFM_KIND_NOT_FOUND}, {409, WFM_KIND_CONFLICT},
        {499, WFM_KIND_CLIENT_GONE}, {500, WFM_KIND_INTERNAL},  {502, WFM_KIND_INTERNAL},
        {503, WFM_KIND_UNAVAILABLE}, {504, WFM_KIND_TIMEOUT},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_int(wfm_counters_kind(cases[i].status), cases[i].kind);
}

static void test_cells(void)
{
    wfm_board_t *b = board(2);
    wfm_meter_t dead = {counters(b, "one"), wfm_board_enter(b, 101)};
    wfm_meter_t alive = {dead.counters, wfm_board_enter(b, 102)};

    CU_ASSERT(dead.cell > 0 && alive.cell > 0 && dead.cell != alive.cell);
    expect_int(wfm_board_enter(b, 103), 0); /* none is left */
    wfm_meter_begin(&dead);
    wfm_meter_begin(&alive);
    expect_int(in_flight(dead.counters), 2);
    wfm_board_leave(b, 999); /* not one of ours */
    expect_int(in_flight(dead.counters), 2);
    wfm_board_leave(b, 101);
    expect_int(in_flight(dead.counters), 1);
    expect_int(wfm_board_enter(b, 104), dead.cell);
}

static void count_often(wfm_board_t *b, wfm_counters_t *c)
{
    wfm_meter_t meter = {c, wfm_board_enter(b, (apr_uint32_t)getpid())};

    for (int i = 0; i < ROUNDS; i++) {
        wfm_meter_begin(&meter);
        wfm_meter_count(&meter, &(wfm_count_t){.status = 503, .rows = 3});
        wfm_meter_end(&meter);
    }
    wfm_meter_begin(&meter); /* and dies in the middle of a request */
    _exit(0);
}

static void test_processes(void)
{
    wfm_board_t *b = board(PROCESSES);
    wfm_counters_t *c = counters(b, "one");
    pid_t pids[PROCESSES];
    wfm_totals_t t;
    apr_uint32_t n;

    for (int i = 0; i < PROCESSES; i++)
        if ((pids[i] = fork()) == 0)
            count_often(b, c);
    for (int i = 0; i < PROCESSES; i++)
        expect_int(waitpid(pids[i], NULL, 0), pids[i]);
    wfm_counters_read(c, &t, &n);
    expect_int(t.requests, PROCESSES * ROUNDS);
    expect_int(t.errors[WFM_KIND_UNAVAILABLE], PROCESSES * ROUNDS);
    expect_int(t.rows, 3 * PROCESSES * ROUNDS);
    expect_int(n, PROCESSES);
    for (int i = 0; i < PROCESSES; i++)
        wfm_board_leave(b, (apr_uint32_t)pids[i]);
    expect_int(in_flight(c), 0);
}

/* Whoever notices first is told that nobody has; a start begins anew. */
static void test_notices(void)
{
    wfm_counters_t *counters;
    wfm_board_t *board;

    CU_ASSERT_EQUAL_FATAL(wfm_board_open(&board, unit_pool(), 2), APR_SUCCESS);
    CU_ASSERT_EQUAL_FATAL(wfm_board_counters(&counters, board, "a"), APR_SUCCESS);
    expect_int(wfm_counters_noticed(counters, WFM_NOTICE_SUMMARIES), 0);
    expect_int(wfm_counters_notice(counters, WFM_NOTICE_SUMMARIES, 3), 0);
    expect_int(wfm_counters_notice(counters, WFM_NOTICE_SUMMARIES, 5), 3);
    expect_int(wfm_counters_noticed(counters, WFM_NOTICE_SUMMARIES), 5);
    expect_int(wfm_counters_noticed(counters, WFM_NOTICE_CONNECTIONS), 0);
    CU_ASSERT_EQUAL_FATAL(wfm_board_counters(&counters, board, "a"), APR_SUCCESS);
    expect_int(wfm_counters_noticed(counters, WFM_NOTICE_SUMMARIES), 0);
}

SUITE(counters) = {
    {"what was told", test_notices},
    {"a restart counts on", test_a_restart_counts_on},
    {"a request is counted", test_a_request_is_counted},
    {"kinds of errors", test_kinds},
    {"a dead process has nothing in flight", test_cells},
    {"several processes at once", test_processes},
    CU_TEST_INFO_NULL,
};
