/*
 * unit_list.c - THE list of units, and of how they are spelled.
 */
#include "unit_list.h"
#include <string.h>
#include <strings.h>

enum {
    ANY_CASE = 1,  /* TFLOPS, tflops, TFlops */
    LOWER_TOO = 2, /* GB, gb */
    SPACED = WFM_UNIT_SPACED,
    NO_NAME = WFM_UNIT_NO_NAME
};

#define HIGHER WFM_HIGHER_IS_BETTER
#define LOWER  WFM_LOWER_IS_BETTER
#define OPEN   WFM_DIRECTION_UNKNOWN

typedef struct spelling_t {
    const char *text;
    int unit;
    unsigned flags;
} spelling_t;

/* clang-format off */
/* By their ids. */
enum {
    U_ns, U_us, U_ms, U_s, U_min, U_h, U_ns_PER_op, U_us_PER_op, U_ms_PER_op, U_s_PER_op, U_B,
    U_KB, U_MB, U_GB, U_TB, U_KiB, U_MiB, U_GiB, U_TiB, U_B_PER_s, U_KB_PER_s, U_MB_PER_s,
    U_GB_PER_s, U_TB_PER_s, U_KiB_PER_s, U_MiB_PER_s, U_GiB_PER_s, U_bit_PER_s, U_kbit_PER_s,
    U_Mbit_PER_s, U_Gbit_PER_s, U_FLOPS, U_MFLOPS, U_GFLOPS, U_TFLOPS, U_PFLOPS, U_ops_PER_s,
    U_ops_PER_ms, U_ops_PER_us, U_ops_PER_ns, U_TOPS, U_Hz, U_kHz, U_MHz, U_GHz, U_mW, U_W, U_kW,
    U_mJ, U_J, U_kJ, U_PERCENT, U_CELSIUS, U_x, U_tokens_PER_s, U_samples_PER_s, U_requests_PER_s,
    U_queries_PER_s, U_transactions_PER_s, U_images_PER_s, U_frames_PER_s, U_iterations_PER_s,
    U_steps_PER_s, U_items_PER_s, U_rows_PER_s, U_messages_PER_s, U_B_PER_op, U_allocs_PER_op,
};

static const wfm_unit_t units[] = {
    [U_ns] = {"ns", WFM_UNIT_TIME, 0, 1, LOWER},
    [U_us] = {"us", WFM_UNIT_TIME, 3, 1, LOWER},
    [U_ms] = {"ms", WFM_UNIT_TIME, 6, 1, LOWER},
    [U_s] = {"s", WFM_UNIT_TIME, 9, 1, LOWER},
    [U_min] = {"min", WFM_UNIT_TIME, 9, 60, LOWER},
    [U_h] = {"h", WFM_UNIT_TIME, 9, 3600, LOWER},
    [U_ns_PER_op] = {"ns/op", WFM_UNIT_TIME_PER_OP, 0, 1, LOWER},
    [U_us_PER_op] = {"us/op", WFM_UNIT_TIME_PER_OP, 3, 1, LOWER},
    [U_ms_PER_op] = {"ms/op", WFM_UNIT_TIME_PER_OP, 6, 1, LOWER},
    [U_s_PER_op] = {"s/op", WFM_UNIT_TIME_PER_OP, 9, 1, LOWER},
    [U_B] = {"B", WFM_UNIT_BYTES, 0, 1, OPEN},
    [U_KB] = {"KB", WFM_UNIT_BYTES, 3, 1, OPEN},
    [U_MB] = {"MB", WFM_UNIT_BYTES, 6, 1, OPEN},
    [U_GB] = {"GB", WFM_UNIT_BYTES, 9, 1, OPEN},
    [U_TB] = {"TB", WFM_UNIT_BYTES, 12, 1, OPEN},
    [U_KiB] = {"KiB", WFM_UNIT_BYTES, 0, 1024.0, OPEN},
    [U_MiB] = {"MiB", WFM_UNIT_BYTES, 0, 1048576.0, OPEN},
    [U_GiB] = {"GiB", WFM_UNIT_BYTES, 0, 1073741824.0, OPEN},
    [U_TiB] = {"TiB", WFM_UNIT_BYTES, 0, 1099511627776.0, OPEN},
    [U_B_PER_s] = {"B/s", WFM_UNIT_BYTES_PER_TIME, 0, 1, HIGHER},
    [U_KB_PER_s] = {"KB/s", WFM_UNIT_BYTES_PER_TIME, 3, 1, HIGHER},
    [U_MB_PER_s] = {"MB/s", WFM_UNIT_BYTES_PER_TIME, 6, 1, HIGHER},
    [U_GB_PER_s] = {"GB/s", WFM_UNIT_BYTES_PER_TIME, 9, 1, HIGHER},
    [U_TB_PER_s] = {"TB/s", WFM_UNIT_BYTES_PER_TIME, 12, 1, HIGHER},
    [U_KiB_PER_s] = {"KiB/s", WFM_UNIT_BYTES_PER_TIME, 0, 1024.0, HIGHER},
    [U_MiB_PER_s] = {"MiB/s", WFM_UNIT_BYTES_PER_TIME, 0, 1048576.0, HIGHER},
    [U_GiB_PER_s] = {"GiB/s", WFM_UNIT_BYTES_PER_TIME, 0, 1073741824.0, HIGHER},
    [U_bit_PER_s] = {"bit/s", WFM_UNIT_BITS_PER_TIME, 0, 1, HIGHER},
    [U_kbit_PER_s] = {"kbit/s", WFM_UNIT_BITS_PER_TIME, 3, 1, HIGHER},
    [U_Mbit_PER_s] = {"Mbit/s", WFM_UNIT_BITS_PER_TIME, 6, 1, HIGHER},
    [U_Gbit_PER_s] = {"Gbit/s", WFM_UNIT_BITS_PER_TIME, 9, 1, HIGHER},
    [U_FLOPS] = {"FLOPS", WFM_UNIT_FLOPS, 0, 1, HIGHER},
    [U_MFLOPS] = {"MFLOPS", WFM_UNIT_FLOPS, 6, 1, HIGHER},
    [U_GFLOPS] = {"GFLOPS", WFM_UNIT_FLOPS, 9, 1, HIGHER},
    [U_TFLOPS] = {"TFLOPS", WFM_UNIT_FLOPS, 12, 1, HIGHER},
    [U_PFLOPS] = {"PFLOPS", WFM_UNIT_FLOPS, 15, 1, HIGHER},
    [U_ops_PER_s] = {"ops/s", WFM_UNIT_OPS, 0, 1, HIGHER},
    [U_ops_PER_ms] = {"ops/ms", WFM_UNIT_OPS, 3, 1, HIGHER},
    [U_ops_PER_us] = {"ops/us", WFM_UNIT_OPS, 6, 1, HIGHER},
    [U_ops_PER_ns] = {"ops/ns", WFM_UNIT_OPS, 9, 1, HIGHER},
    [U_TOPS] = {"TOPS", WFM_UNIT_OPS, 12, 1, HIGHER},
    [U_Hz] = {"Hz", WFM_UNIT_FREQUENCY, 0, 1, OPEN},
    [U_kHz] = {"kHz", WFM_UNIT_FREQUENCY, 3, 1, OPEN},
    [U_MHz] = {"MHz", WFM_UNIT_FREQUENCY, 6, 1, OPEN},
    [U_GHz] = {"GHz", WFM_UNIT_FREQUENCY, 9, 1, OPEN},
    [U_mW] = {"mW", WFM_UNIT_POWER, 0, 1, OPEN},
    [U_W] = {"W", WFM_UNIT_POWER, 3, 1, OPEN},
    [U_kW] = {"kW", WFM_UNIT_POWER, 6, 1, OPEN},
    [U_mJ] = {"mJ", WFM_UNIT_ENERGY, 0, 1, LOWER},
    [U_J] = {"J", WFM_UNIT_ENERGY, 3, 1, LOWER},
    [U_kJ] = {"kJ", WFM_UNIT_ENERGY, 6, 1, LOWER},
    [U_PERCENT] = {"%", WFM_UNIT_ALONE, 0, 1, OPEN},
    [U_CELSIUS] = {"\xc2\xb0""C", WFM_UNIT_ALONE, 0, 1, OPEN},
    [U_x] = {"x", WFM_UNIT_ALONE, 0, 1, OPEN},
    [U_tokens_PER_s] = {"tokens/s", WFM_UNIT_ALONE, 0, 1, HIGHER},
    [U_samples_PER_s] = {"samples/s", WFM_UNIT_ALONE, 0, 1, HIGHER},
    [U_requests_PER_s] = {"requests/s", WFM_UNIT_ALONE, 0, 1, HIGHER},
    [U_queries_PER_s] = {"queries/s", WFM_UNIT_ALONE, 0, 1, HIGHER},
    [U_transactions_PER_s] = {"transactions/s", WFM_UNIT_ALONE, 0, 1, HIGHER},
    [U_images_PER_s] = {"images/s", WFM_UNIT_ALONE, 0, 1, HIGHER},
    [U_frames_PER_s] = {"frames/s", WFM_UNIT_ALONE, 0, 1, HIGHER},
    [U_iterations_PER_s] = {"iterations/s", WFM_UNIT_ALONE, 0, 1, HIGHER},
    [U_steps_PER_s] = {"steps/s", WFM_UNIT_ALONE, 0, 1, HIGHER},
    [U_items_PER_s] = {"items/s", WFM_UNIT_ALONE, 0, 1, HIGHER},
    [U_rows_PER_s] = {"rows/s", WFM_UNIT_ALONE, 0, 1, HIGHER},
    [U_messages_PER_s] = {"messages/s", WFM_UNIT_ALONE, 0, 1, HIGHER},
    [U_B_PER_op] = {"B/op", WFM_UNIT_ALONE, 0, 1, LOWER},
    [U_allocs_PER_op] = {"allocs/op", WFM_UNIT_ALONE, 0, 1, LOWER},
};

/* How they are spelled, in the order of compare. */
static const spelling_t spellings[] = {
    {"%", U_PERCENT, 0},
    {"allocs/op", U_allocs_PER_op, 0},
    {"B", U_B, SPACED},
    {"B/op", U_B_PER_op, 0},
    {"B/s", U_B_PER_s, 0},
    {"bit/s", U_bit_PER_s, 0},
    {"bps", U_bit_PER_s, 0},
    {"byte", U_B, SPACED},
    {"bytes", U_B, SPACED},
    {"bytes/op", U_B_PER_op, 0},
    {"bytes/s", U_B_PER_s, 0},
    {"celsius", U_CELSIUS, 0},
    {"degC", U_CELSIUS, 0},
    {"FLOP/s", U_FLOPS, NO_NAME},
    {"FLOPS", U_FLOPS, NO_NAME},
    {"fps", U_frames_PER_s, ANY_CASE},
    {"frame/s", U_frames_PER_s, ANY_CASE},
    {"frames/s", U_frames_PER_s, ANY_CASE},
    {"GB", U_GB, LOWER_TOO},
    {"GB/s", U_GB_PER_s, LOWER_TOO},
    {"Gbit/s", U_Gbit_PER_s, LOWER_TOO},
    {"GBps", U_GB_PER_s, 0},
    {"Gbps", U_Gbit_PER_s, LOWER_TOO},
    {"GFLOP/s", U_GFLOPS, ANY_CASE},
    {"GFLOPS", U_GFLOPS, ANY_CASE},
    {"GHz", U_GHz, LOWER_TOO},
    {"GiB", U_GiB, LOWER_TOO},
    {"GiB/s", U_GiB_PER_s, LOWER_TOO},
    {"GOPS", U_ops_PER_ns, 0},
    {"Gops/s", U_ops_PER_ns, 0},
    {"h", U_h, SPACED | NO_NAME},
    {"hour", U_h, 0},
    {"hours", U_h, 0},
    {"Hz", U_Hz, LOWER_TOO},
    {"image/s", U_images_PER_s, ANY_CASE},
    {"images/s", U_images_PER_s, ANY_CASE},
    {"img/s", U_images_PER_s, ANY_CASE},
    {"it/s", U_iterations_PER_s, ANY_CASE},
    {"item/s", U_items_PER_s, ANY_CASE},
    {"items/s", U_items_PER_s, ANY_CASE},
    {"iter/s", U_iterations_PER_s, ANY_CASE},
    {"iteration/s", U_iterations_PER_s, ANY_CASE},
    {"iterations/s", U_iterations_PER_s, ANY_CASE},
    {"iters/s", U_iterations_PER_s, ANY_CASE},
    {"J", U_J, 0},
    {"joule", U_J, 0},
    {"joules", U_J, 0},
    {"KB", U_KB, LOWER_TOO},
    {"kB", U_KB, LOWER_TOO},
    {"KB/s", U_KB_PER_s, LOWER_TOO},
    {"kB/s", U_KB_PER_s, LOWER_TOO},
    {"Kbit/s", U_kbit_PER_s, 0},
    {"kbit/s", U_kbit_PER_s, 0},
    {"KBps", U_KB_PER_s, 0},
    {"Kbps", U_kbit_PER_s, 0},
    {"kbps", U_kbit_PER_s, 0},
    {"KHz", U_kHz, LOWER_TOO},
    {"kHz", U_kHz, LOWER_TOO},
    {"KiB", U_KiB, LOWER_TOO},
    {"KiB/s", U_KiB_PER_s, LOWER_TOO},
    {"kJ", U_kJ, 0},
    {"kops/s", U_ops_PER_ms, 0},
    {"kW", U_kW, 0},
    {"MB", U_MB, LOWER_TOO},
    {"MB/s", U_MB_PER_s, LOWER_TOO},
    {"Mbit/s", U_Mbit_PER_s, LOWER_TOO},
    {"MBps", U_MB_PER_s, 0},
    {"Mbps", U_Mbit_PER_s, LOWER_TOO},
    {"message/s", U_messages_PER_s, ANY_CASE},
    {"messages/s", U_messages_PER_s, ANY_CASE},
    {"MFLOP/s", U_MFLOPS, ANY_CASE},
    {"MFLOPS", U_MFLOPS, ANY_CASE},
    {"MHz", U_MHz, LOWER_TOO},
    {"MiB", U_MiB, LOWER_TOO},
    {"MiB/s", U_MiB_PER_s, LOWER_TOO},
    {"microsecond", U_us, 0},
    {"microseconds", U_us, 0},
    {"millisecond", U_ms, 0},
    {"milliseconds", U_ms, 0},
    {"min", U_min, NO_NAME},
    {"mins", U_min, NO_NAME},
    {"minute", U_min, 0},
    {"minutes", U_min, 0},
    {"mJ", U_mJ, 0},
    {"Mops/s", U_ops_PER_us, 0},
    {"ms", U_ms, 0},
    {"ms/iter", U_ms_PER_op, 0},
    {"ms/op", U_ms_PER_op, 0},
    {"msec", U_ms, 0},
    {"msg/s", U_messages_PER_s, ANY_CASE},
    {"mW", U_mW, 0},
    {"nanosecond", U_ns, 0},
    {"nanoseconds", U_ns, 0},
    {"ns", U_ns, 0},
    {"ns/iter", U_ns_PER_op, 0},
    {"ns/op", U_ns_PER_op, 0},
    {"nsec", U_ns, 0},
    {"op/s", U_ops_PER_s, ANY_CASE},
    {"ops/ms", U_ops_PER_ms, 0},
    {"ops/ns", U_ops_PER_ns, 0},
    {"ops/s", U_ops_PER_s, ANY_CASE},
    {"ops/us", U_ops_PER_us, 0},
    {"pct", U_PERCENT, ANY_CASE},
    {"percent", U_PERCENT, ANY_CASE},
    {"PFLOP/s", U_PFLOPS, ANY_CASE},
    {"PFLOPS", U_PFLOPS, ANY_CASE},
    {"qps", U_queries_PER_s, ANY_CASE},
    {"queries/s", U_queries_PER_s, ANY_CASE},
    {"query/s", U_queries_PER_s, ANY_CASE},
    {"req/s", U_requests_PER_s, ANY_CASE},
    {"request/s", U_requests_PER_s, ANY_CASE},
    {"requests/s", U_requests_PER_s, ANY_CASE},
    {"row/s", U_rows_PER_s, ANY_CASE},
    {"rows/s", U_rows_PER_s, ANY_CASE},
    {"rps", U_requests_PER_s, ANY_CASE},
    {"s", U_s, 0},
    {"s/iter", U_s_PER_op, 0},
    {"s/op", U_s_PER_op, 0},
    {"sample/s", U_samples_PER_s, ANY_CASE},
    {"samples/s", U_samples_PER_s, ANY_CASE},
    {"sec", U_s, 0},
    {"second", U_s, 0},
    {"seconds", U_s, 0},
    {"secs", U_s, 0},
    {"step/s", U_steps_PER_s, ANY_CASE},
    {"steps/s", U_steps_PER_s, ANY_CASE},
    {"TB", U_TB, LOWER_TOO},
    {"TB/s", U_TB_PER_s, LOWER_TOO},
    {"TBps", U_TB_PER_s, 0},
    {"TFLOP/s", U_TFLOPS, ANY_CASE},
    {"TFLOPS", U_TFLOPS, ANY_CASE},
    {"TFLOPS/s", U_TFLOPS, ANY_CASE},
    {"TiB", U_TiB, LOWER_TOO},
    {"tok/s", U_tokens_PER_s, ANY_CASE},
    {"token/s", U_tokens_PER_s, ANY_CASE},
    {"tokens/s", U_tokens_PER_s, ANY_CASE},
    {"TOPS", U_TOPS, 0},
    {"transaction/s", U_transactions_PER_s, ANY_CASE},
    {"transactions/s", U_transactions_PER_s, ANY_CASE},
    {"us", U_us, 0},
    {"us/iter", U_us_PER_op, 0},
    {"us/op", U_us_PER_op, 0},
    {"usec", U_us, 0},
    {"W", U_W, 0},
    {"watt", U_W, 0},
    {"watts", U_W, 0},
    {"x", U_x, NO_NAME},
    {"\xc2\xb0""C", U_CELSIUS, 0},
    {"\xc2\xb5s", U_us, 0},
    {"\xc2\xb5s/op", U_us_PER_op, 0},
    {"\xce\xbcs", U_us, 0},
};
/* clang-format on */

static int is_lower(const char *s, apr_size_t len)
{
    for (apr_size_t i = 0; i < len; i++)
        if (s[i] >= 'A' && s[i] <= 'Z')
            return 0;
    return 1;
}

/* In an order in which case comes last. */
static int compare(const char *s, apr_size_t len, const char *text)
{
    int order = strncasecmp(s, text, len);

    return order ? order : -(text[len] != '\0');
}

/* The first one that is the same, whatever the case. */
static const spelling_t *first_alike(const char *s, apr_size_t len)
{
    size_t from = 0, to = sizeof spellings / sizeof *spellings;

    while (from < to) {
        size_t middle = (from + to) / 2;

        if (compare(s, len, spellings[middle].text) > 0)
            from = middle + 1;
        else
            to = middle;
    }
    return spellings + from;
}

/* As it is spelled comes before what is spelled otherwise: mW and MW are two. */
static const spelling_t *find(const char *s, apr_size_t len)
{
    const spelling_t *end = spellings + sizeof spellings / sizeof *spellings;
    const spelling_t *first = first_alike(s, len), *found = NULL;

    for (const spelling_t *at = first; at < end && !compare(s, len, at->text); at++) {
        if (!memcmp(s, at->text, len))
            return at;
        if (!found && (at->flags & ANY_CASE || (at->flags & LOWER_TOO && is_lower(s, len))))
            found = at;
    }
    return found;
}

const wfm_unit_t *wfm_unit_find(const char *s, apr_size_t len, unsigned *flags)
{
    const spelling_t *found = memchr(s, '\0', len) ? NULL : find(s, len);

    *flags = found ? found->flags : 0;
    return found ? &units[found->unit] : NULL;
}
