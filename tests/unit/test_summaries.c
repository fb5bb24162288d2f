/*
 * test_summaries.c - the words for whether the summaries are used, and the query that says one of
 * them. What it finds is tests/integration/test_sessions.c's.
 */
#include "db/summaries.h"
#include "unit.h"
#include <string.h>

static void test_words(void)
{
    for (int i = WFM_SUMMARIES_IN_USE; i < WFM_SUMMARIES_STATES; i++) {
        const char *text = wfm_summaries_text((wfm_summaries_e)i);

        CU_ASSERT_PTR_NOT_NULL_FATAL(text);
        expect_int(wfm_summaries_state(text), i);
        if (i != WFM_SUMMARIES_FAILED && i != WFM_SUMMARIES_DOUBT) /* not this query's to say */
            CU_ASSERT_PTR_NOT_NULL(strstr(wfm_summaries_look, text));
    }
    expect_int(wfm_summaries_state("nonsense"), WFM_SUMMARIES_UNKNOWN);
    expect_int(wfm_summaries_state(""), WFM_SUMMARIES_UNKNOWN);
    expect_str(wfm_summaries_text((wfm_summaries_e)99), wfm_summaries_text(WFM_SUMMARIES_UNKNOWN));
}

/* What may be left out is no reason to warn. */
static void test_advice(void)
{
    CU_ASSERT_PTR_NULL(wfm_summaries_advice(WFM_SUMMARIES_UNKNOWN));
    CU_ASSERT_PTR_NULL(wfm_summaries_advice(WFM_SUMMARIES_IN_USE));
    CU_ASSERT_PTR_NULL(wfm_summaries_advice(WFM_SUMMARIES_NONE));
    for (int i = WFM_SUMMARIES_NONE + 1; i < WFM_SUMMARIES_STATES; i++)
        CU_ASSERT_PTR_NOT_NULL(wfm_summaries_advice((wfm_summaries_e)i));
}

SUITE(summaries) = {
    {"words", test_words},
    {"advice", test_advice},
    CU_TEST_INFO_NULL,
};
