/*
 * test_gunzip.c - what gzip made comes back however it is cut; what is none, or ends, or is a bomb,
 * is refused.
 */
#include "core/gunzip.h"
#include "unit.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

typedef struct taken_t {
    char *text;
    apr_size_t len, size;
    wfm_error_t *answer;
} taken_t;

static wfm_error_t *take(void *ctx, const char *data, apr_size_t len)
{
    taken_t *taken = ctx;

    if (taken->len + len <= taken->size)
        memcpy(taken->text + taken->len, data, len);
    taken->len += len;
    return taken->answer;
}

static taken_t room(apr_size_t size)
{
    return (taken_t){apr_palloc(unit_pool(), size), 0, size, NULL};
}

/* @return how long it is */
static apr_size_t compress_text(const char *text, apr_size_t len, char *out, apr_size_t size)
{
    z_stream z = {0};
    apr_size_t made;

    CU_ASSERT_EQUAL_FATAL(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
                          Z_OK);
    z.next_in = (unsigned char *)text;
    z.avail_in = (unsigned)len;
    z.next_out = (unsigned char *)out;
    z.avail_out = (unsigned)size;
    CU_ASSERT_EQUAL_FATAL(deflate(&z, Z_FINISH), Z_STREAM_END);
    made = z.total_out;
    deflateEnd(&z);
    return made;
}

static wfm_error_t *feed(wfm_gunzip_t *g, const char *data, apr_size_t len, apr_size_t piece)
{
    while (len) {
        apr_size_t n = len < piece ? len : piece;

        WFM_TRY(wfm_gunzip_feed(g, data, n));
        data += n;
        len -= n;
    }
    return wfm_gunzip_end(g);
}

static char *some_text(apr_size_t len)
{
    char *text = apr_palloc(unit_pool(), len);
    apr_uint64_t state = 1;

    for (apr_size_t i = 0; i < len; i++)
        text[i] = "0123456789,\n"[unit_random(&state) % 12];
    return text;
}

static void test_however_it_is_cut(void)
{
    static const apr_size_t pieces[] = {1, 2, 7, 1000, 100000};
    apr_size_t len = 100000, made;
    char *text = some_text(len), zipped[110000];

    made = compress_text(text, len, zipped, sizeof zipped);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        taken_t taken = room(len);

        CU_ASSERT_PTR_NULL(
            feed(wfm_gunzip_create(unit_pool(), take, &taken), zipped, made, pieces[i]));
        expect_int((apr_int64_t)taken.len, (apr_int64_t)len);
        CU_ASSERT(!memcmp(taken.text, text, len));
    }
}

static void test_members(void)
{
    char zipped[200];
    apr_size_t made = compress_text("a,b\n", 4, zipped, sizeof zipped);
    taken_t taken = room(100);

    made += compress_text("", 0, zipped + made, sizeof zipped - made);
    made += compress_text("1,2\n", 4, zipped + made, sizeof zipped - made);
    CU_ASSERT_PTR_NULL(feed(wfm_gunzip_create(unit_pool(), take, &taken), zipped, made, 5));
    expect_int((apr_int64_t)taken.len, 8);
    CU_ASSERT(!memcmp(taken.text, "a,b\n1,2\n", 8));
}

static void test_nothing_is_nothing(void)
{
    taken_t taken = room(1);

    CU_ASSERT_PTR_NULL(wfm_gunzip_end(wfm_gunzip_create(unit_pool(), take, &taken)));
    expect_int((apr_int64_t)taken.len, 0);
}

static void expect_refused(const char *data, apr_size_t len, int status, const char *message)
{
    taken_t taken = room(1);
    wfm_error_t *err = feed(wfm_gunzip_create(unit_pool(), take, &taken), data, len, 4096);

    CU_ASSERT_PTR_NOT_NULL_FATAL(err);
    expect_int(err->status, status);
    expect_str(err->message, message);
}

static void test_damaged(void)
{
    static const char none[] = "the body is no gzip, or is damaged",
                      short_of[] = "the gzip body ends in the middle";
    char zipped[200];
    apr_size_t made = compress_text("Op,throughput\nGEMM,1.5\n", 23, zipped, sizeof zipped);

    for (apr_size_t n = 1; n < made; n++)
        expect_refused(zipped, n, WFM_BAD_REQUEST, short_of);
    expect_refused("Op,throughput\n", 14, WFM_BAD_REQUEST, none);
    zipped[made++] = 'x'; /* behind the end */
    expect_refused(zipped, made, WFM_BAD_REQUEST, short_of);
    zipped[made++] = 'x';
    expect_refused(zipped, made, WFM_BAD_REQUEST, none);
    made -= 2;
    zipped[made - 6] ^= 1; /* the check sum */
    expect_refused(zipped, made, WFM_BAD_REQUEST, none);
}

static void test_bomb(void)
{
    apr_size_t len = 3 * WFM_GUNZIP_FREE, made;
    char *zeros = apr_pcalloc(unit_pool(), len), *zipped = apr_palloc(unit_pool(), len);
    taken_t taken = room(1);
    wfm_error_t *err;

    made = compress_text(zeros, len, zipped, len);
    err = feed(wfm_gunzip_create(unit_pool(), take, &taken), zipped, made, made);
    CU_ASSERT_PTR_NOT_NULL_FATAL(err);
    expect_int(err->status, WFM_PAYLOAD_TOO_LARGE);
    expect_str(err->message, "the body inflates to too many times its size");
    CU_ASSERT(taken.len <= WFM_GUNZIP_FREE);
    made = compress_text(zeros, WFM_GUNZIP_FREE, zipped, len); /* little is none */
    taken.len = 0;
    CU_ASSERT_PTR_NULL(feed(wfm_gunzip_create(unit_pool(), take, &taken), zipped, made, made));
    expect_int((apr_int64_t)taken.len, WFM_GUNZIP_FREE);
}

static void test_ends_with_an_error(void)
{
    char zipped[200];
    apr_size_t made = compress_text("a,b\n", 4, zipped, sizeof zipped);
    taken_t taken = room(10);

    taken.answer = wfm_error_make(unit_pool(), 400, "enough");
    CU_ASSERT_PTR_EQUAL(feed(wfm_gunzip_create(unit_pool(), take, &taken), zipped, made, made),
                        taken.answer);
}

SUITE(gunzip) = {
    {"the same, however it is cut", test_however_it_is_cut},
    {"several members are one text", test_members},
    {"nothing is nothing", test_nothing_is_nothing},
    {"what is none, damaged or cut short is a 400", test_damaged},
    {"a bomb is a 413", test_bomb},
    {"an error ends it", test_ends_with_an_error},
    CU_TEST_INFO_NULL,
};
