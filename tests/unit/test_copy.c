/*
 * test_copy.c - rows of binary COPY, however they are cut into messages, and what is none.
 */
#include "pgsql/copy.h"
#include "unit.h"
#include <apr_strings.h>

/** The bytes of a string literal, NULs included. */
#define BYTES(literal) (literal), sizeof(literal) - 1

#define HEADER    "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
#define EXTENDED  "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\3abc"
#define ROW(a, b) "\0\2\0\0\0\1" a "\0\0\0\1" b
#define NULL_ROW  "\0\2\377\377\377\377\0\0\0\0"
#define END       "\377\377"

/** The rows of a message of exactly that size: "x,y;-,;" and "!" for what is malformed. */
static const char *rows(wfm_copy_t *c, const char *message, apr_size_t len)
{
    const char *data = apr_pmemdup(unit_pool(), message, len), *end = data + len, *text = "";
    int found;

    while ((found = wfm_copy_next(c, &data, end)) > 0) {
        for (int i = 0; i < c->columns; i++)
            text = apr_psprintf(unit_pool(), "%s%s%.*s", text, i ? "," : "",
                                c->values[i].data ? (int)c->values[i].len : 1,
                                c->values[i].data ? c->values[i].data : "-");
        text = apr_pstrcat(unit_pool(), text, ";", NULL);
    }
    return found ? apr_pstrcat(unit_pool(), text, "!", NULL) : text;
}

static const char *fresh(const char *message, apr_size_t len)
{
    wfm_copy_t c;

    wfm_copy_init(&c, unit_pool());
    return rows(&c, message, len);
}

static void test_messages(void)
{
    wfm_copy_t c;

    wfm_copy_init(&c, unit_pool());
    expect_str(rows(&c, BYTES(HEADER ROW("x", "y"))), "x,y;");
    expect_str(rows(&c, BYTES(NULL_ROW)), "-,;");
    expect_str(rows(&c, BYTES(ROW("1", "2") ROW("3", "4"))), "1,2;3,4;");
    expect_str(rows(&c, BYTES(END)), "");
    expect_str(fresh(BYTES(HEADER END)), "");
    expect_str(fresh(BYTES(EXTENDED ROW("x", "y") END)), "x,y;");
    wfm_copy_init(&c, unit_pool());
    expect_str(rows(&c, BYTES(HEADER)), "");
    expect_str(rows(&c, BYTES(ROW("x", "y"))), "x,y;");
}

static void test_malformed(void)
{
    static const char whole[] = HEADER ROW("x", "y");

    for (apr_size_t len = 0; len < sizeof whole - 1; len++)
        if (len != sizeof HEADER - 1)
            expect_str(fresh(whole, len), "!");
    expect_str(fresh(BYTES("PGCOPX\n\377\r\n\0\0\0\0\0\0\0\0\0")), "!");
    expect_str(fresh(BYTES(HEADER "\0\1\377\377\377\376")), "!");
    expect_str(fresh(BYTES(HEADER "\0\0")), "!");
    expect_str(fresh(BYTES(HEADER ROW("x", "y") "\0\1\0\0\0\0")), "x,y;!");
    expect_str(fresh(BYTES(HEADER END "more")), "!");
}

#define ARRAY_HEADER(n) "\0\0\0\1\0\0\0\1\0\0\0\x19\0\0\0" n "\0\0\0\1"
#define ARRAY           ARRAY_HEADER("\3") "\0\0\0\2ab\377\377\377\377\0\0\0\0"

/** An array's elements of exactly that many bytes, as "ab,-,"; "!": it has not n of them. */
static const char *elements(const char *bytes, apr_size_t len, int n)
{
    wfm_value_t array = {apr_pmemdup(unit_pool(), bytes, len), len}, values[4];
    const char *text = "";

    if (!wfm_value_array(&array, values, n))
        return "!";
    for (int i = 0; i < n; i++)
        text = apr_psprintf(unit_pool(), "%s%s%.*s", text, i ? "," : "",
                            values[i].data ? (int)values[i].len : 1,
                            values[i].data ? values[i].data : "-");
    return text;
}

static void test_array(void)
{
    expect_str(elements(BYTES(ARRAY), 3), "ab,-,");
    expect_str(elements(BYTES(ARRAY_HEADER("\1") "\0\0\0\1x"), 1), "x");
    expect_str(elements(BYTES(ARRAY), 2), "!");
    expect_str(elements(BYTES(ARRAY), 4), "!");
    expect_str(elements(BYTES(ARRAY "x"), 3), "!");
    expect_str(elements(BYTES(ARRAY_HEADER("\3") "\0\0\0\2ab\377\377\377\376\0\0\0\0"), 3), "!");
    expect_str(elements(BYTES("\0\0\0\2" ARRAY), 3), "!");
    for (apr_size_t len = 0; len < sizeof ARRAY - 1; len++)
        expect_str(elements(ARRAY, len, 3), "!");
}

SUITE(copy) = {
    {"messages", test_messages},
    {"malformed", test_malformed},
    {"array", test_array},
    CU_TEST_INFO_NULL,
};
