/*
 * test_series.c - series of points are aligned on the instants that any of them has.
 */
#include "stats/series.h"
#include "unit.h"
#include <apr_strings.h>

static void fill(series_points_t *p, const wfm_time_t *at, int points, int all)
{
    CU_ASSERT_FATAL(series_points_init(p, unit_pool(), all));
    for (int i = 0; i < all; i++)
        p->at[i] = at[i];
    p->n = points;
    series_points_sort(p, all);
}

/* "0 - 1": the numbers of a series' points, one a stamp. */
static const char *aligned(const series_points_t *p, int first, int last)
{
    const series_t s = {p, first, last};
    const char *text = "";
    int next = first;

    for (int i = 0; i < p->nstamps; i++) {
        int point = series_at(&s, i, &next);

        text = apr_pstrcat(unit_pool(), text, i ? " " : "",
                           point < 0 ? "-" : apr_itoa(unit_pool(), point), NULL);
    }
    return text;
}

static void test_aligned(void)
{
    static const wfm_time_t at[] = {10, 30, /* another series */ -5, 10, 40, /* no point */ 20};
    series_points_t p;

    fill(&p, at, 5, 6);
    expect_int(p.nstamps, 5);
    for (int i = 1; i < p.nstamps; i++)
        CU_ASSERT(p.stamps[i - 1] < p.stamps[i]);
    expect_str(aligned(&p, 0, 1), "- 0 - 1 -");
    expect_str(aligned(&p, 2, 4), "2 3 - - 4");
}

static void test_one_and_none(void)
{
    static const wfm_time_t at[] = {7};
    series_points_t p;

    fill(&p, at, 1, 1);
    expect_str(aligned(&p, 0, 0), "0");
    fill(&p, at, 0, 0);
    expect_int(p.nstamps, 0);
}

SUITE(series) = {
    {"aligned", test_aligned},
    {"one and none", test_one_and_none},
    CU_TEST_INFO_NULL,
};
