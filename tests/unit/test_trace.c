/*
 * test_trace.c - traceparent: what the specification lets through, and nothing else.
 */
#include "core/trace.h"
#include "unit.h"
#include <apr_strings.h>
#include <string.h>

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN  "b7ad6b7169203331"
#define VALID "00-" TRACE "-" SPAN "-01"

static void test_valid(void)
{
    static const struct {
        const char *header, *parent;
    } cases[] = {
        {VALID, VALID},
        {"00-" TRACE "-" SPAN "-00", "00-" TRACE "-" SPAN "-00"},
        {"00-" TRACE "-" SPAN "-ff", "00-" TRACE "-" SPAN "-ff"},
        /* later versions may have more */
        {"01-" TRACE "-" SPAN "-01", "01-" TRACE "-" SPAN "-01"},
        {"fe-" TRACE "-" SPAN "-01-what the future will be like", "fe-" TRACE "-" SPAN "-01"},
        {"cc-" TRACE "-" SPAN "-01-", "cc-" TRACE "-" SPAN "-01"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_str(wfm_trace_parent(unit_pool(), cases[i].header), cases[i].parent);
}

static void test_invalid(void)
{
    static const char *const headers[] = {
        NULL,
        "",
        "00",
        "00-" TRACE "-" SPAN,
        "00-" TRACE "-" SPAN "-",
        "00-" TRACE "-" SPAN "-0",
        "00-" TRACE "-" SPAN "-011",
        "00-" TRACE "-" SPAN "-01-",
        "00-" TRACE "-" SPAN "-01-more",
        "00-" TRACE "-" SPAN "-01 ",
        " 00-" TRACE "-" SPAN "-01",
        VALID ", " VALID, /* sent twice */
        "01-" TRACE "-" SPAN "-01.",
        "01-" TRACE "-" SPAN "-01, 01-" TRACE "-" SPAN "-01",
        "ff-" TRACE "-" SPAN "-01",
        "0-" TRACE "-" SPAN "-001",
        "00-00000000000000000000000000000000-" SPAN "-01",
        "00-" TRACE "-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01",
        "00-" TRACE "-B7AD6B7169203331-01",
        "00-" TRACE "-" SPAN "-0A",
        "0x-" TRACE "-" SPAN "-01",
        "00-" TRACE "-" SPAN "-0g",
        "00-0af7651916cd43dd8448eb211c80319-" SPAN "-001",
        "00_" TRACE "_" SPAN "_01",
        "00-0af7651916cd43dd8448eb211c80319\xc3-" SPAN "-01",
        "00-0af7651916cd43dd-448eb211c80319c-" SPAN "-01",
    };

    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        expect_str(wfm_trace_parent(unit_pool(), headers[i]), NULL);
}

/* Every other byte at every place makes it invalid, except where it is a digit as well. */
static void test_every_place(void)
{
    for (size_t at = 0; at < strlen(VALID); at++)
        for (int byte = 1; byte < 256; byte++) {
            char *header = apr_pstrdup(unit_pool(), VALID);
            int is_digit = byte && strchr("0123456789abcdef", byte);

            header[at] = (char)byte;
            CU_ASSERT((wfm_trace_parent(unit_pool(), header) != NULL) ==
                      (VALID[at] == '-' ? byte == '-' : is_digit));
        }
}

SUITE(trace) = {
    {"valid", test_valid},
    {"invalid", test_invalid},
    {"every byte at every place", test_every_place},
    CU_TEST_INFO_NULL,
};
