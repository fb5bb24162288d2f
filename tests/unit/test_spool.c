/*
 * test_spool.c - what was written comes back, from memory and from a file without a name; a disk
 * without room is a 503.
 */
#include "core/spool.h"
#include "unit.h"
#include <apr_file_io.h>
#include <apr_strings.h>
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static char byte_at(apr_int64_t at)
{
    return (char)(at * 7 + at / 251);
}

static void write_up_to(wfm_spool_t *spool, apr_int64_t from, apr_int64_t to, apr_size_t piece)
{
    char buf[70000];

    while (from < to) {
        apr_size_t n = to - from < (apr_int64_t)piece ? (apr_size_t)(to - from) : piece;

        for (apr_size_t i = 0; i < n; i++)
            buf[i] = byte_at(from + (apr_int64_t)i);
        CU_ASSERT_PTR_NULL(wfm_spool_write(spool, buf, n));
        from += (apr_int64_t)n;
    }
}

/* All of it, in order. */
static void expect_back(wfm_spool_t *spool, apr_int64_t size)
{
    apr_int64_t at = 0, wrong = 0;
    const char *data;
    apr_size_t len;

    CU_ASSERT_PTR_NULL(wfm_spool_rewind(spool));
    for (;;) {
        CU_ASSERT_PTR_NULL(wfm_spool_read(spool, &data, &len));
        if (!len)
            break;
        for (apr_size_t i = 0; i < len; i++)
            wrong += data[i] != byte_at(at++);
    }
    expect_int(at, size);
    expect_int(wrong, 0);
    expect_int(wfm_spool_size(spool), size);
}

/* Open files without a name, of this process, whose size is not 0. */
static int open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;
    int n = 0;

    while ((entry = readdir(dir))) {
        char link[64], target[512];
        ssize_t len;

        snprintf(link, sizeof link, "/proc/self/fd/%.20s", entry->d_name);
        len = readlink(link, target, sizeof target - 1);
        if (len < 0)
            continue;
        target[len] = '\0';
        n += strstr(target, " (deleted)") != NULL;
    }
    closedir(dir);
    return n;
}

static void test_any_size(void)
{
    static const apr_int64_t sizes[] = {0,
                                        1,
                                        4096,
                                        WFM_SPOOL_MEMORY - 1,
                                        WFM_SPOOL_MEMORY,
                                        WFM_SPOOL_MEMORY + 1,
                                        2 * WFM_SPOOL_MEMORY,
                                        3 * WFM_SPOOL_MEMORY + 12345};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (apr_size_t piece = 4001; piece < 70000; piece += 33000) {
            wfm_spool_t *spool = wfm_spool_create(unit_pool(), NULL);

            write_up_to(spool, 0, sizes[i], piece);
            expect_back(spool, sizes[i]);
            expect_back(spool, sizes[i]);
        }
    }
}

static void test_few_bytes_make_no_file(void)
{
    wfm_spool_t *spool = wfm_spool_create(unit_pool(), "/nowhere/at/all");

    write_up_to(spool, 0, WFM_SPOOL_MEMORY, 65536);
    expect_back(spool, WFM_SPOOL_MEMORY);
}

static void test_file_has_no_name_and_ends_with_the_pool(void)
{
    char directory[] = "/tmp/spool.XXXXXX";
    int before = open_files();
    apr_pool_t *p;
    wfm_spool_t *spool;

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
    apr_pool_create(&p, unit_pool());
    spool = wfm_spool_create(p, directory);
    write_up_to(spool, 0, 600000, 65536);
    expect_int(open_files(), before + 1);
    CU_ASSERT_EQUAL(rmdir(directory), 0); /* there is nothing in it */
    expect_back(spool, 600000);
    apr_pool_destroy(p);
    expect_int(open_files(), before);
}

static void test_emptied_and_written_anew(void)
{
    wfm_spool_t *spool = wfm_spool_create(unit_pool(), NULL);

    write_up_to(spool, 0, 900000, 65536);
    expect_back(spool, 900000);
    CU_ASSERT_PTR_NULL(wfm_spool_empty(spool));
    expect_back(spool, 0);
    CU_ASSERT_PTR_NULL(wfm_spool_empty(spool));
    write_up_to(spool, 0, 300000, 65536);
    expect_back(spool, 300000);
}

static void expect_no_room(const wfm_error_t *err)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(err);
    expect_int(err->status, WFM_UNAVAILABLE);
    expect_str(err->message, "there is no room now for what was sent; nothing has been stored");
    CU_ASSERT(err->retry_after > 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(err->detail, "TMPDIR"));
}

static wfm_error_t *write_zeros(wfm_spool_t *spool, apr_size_t len)
{
    static const char zeros[65536];
    wfm_error_t *err = NULL;

    while (len && !err) {
        apr_size_t n = len < sizeof zeros ? len : sizeof zeros;

        err = wfm_spool_write(spool, zeros, n);
        len -= n;
    }
    return err;
}

static void test_no_directory(void)
{
    wfm_spool_t *spool = wfm_spool_create(unit_pool(), "/nowhere/at/all");

    expect_no_room(write_zeros(spool, WFM_SPOOL_MEMORY + 1));
}

/* A limit of this process stands for the disk's end. */
static void test_full_disk(void)
{
    struct rlimit before, small;
    wfm_spool_t *spool = wfm_spool_create(unit_pool(), NULL);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);

    getrlimit(RLIMIT_FSIZE, &before);
    small = (struct rlimit){WFM_SPOOL_MEMORY + 100, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    CU_ASSERT_PTR_NULL(write_zeros(spool, 2 * WFM_SPOOL_MEMORY));
    expect_no_room(write_zeros(spool, WFM_SPOOL_MEMORY));
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
}

SUITE(spool) = {
    {"what is written comes back, whatever its size", test_any_size},
    {"few bytes make no file", test_few_bytes_make_no_file},
    {"the file has no name, and ends with the pool", test_file_has_no_name_and_ends_with_the_pool},
    {"emptied, it is written anew", test_emptied_and_written_anew},
    {"no directory: 503", test_no_directory},
    {"a full disk: 503", test_full_disk},
    CU_TEST_INFO_NULL,
};
