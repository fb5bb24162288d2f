/*
 * units.c - THE list of units.
 */
#include "units.h"
#include <string.h>
#include <strings.h>

enum {
    ANY_CASE = 1,  /* TFLOPS, tflops, TFlops */
    LOWER_TOO = 2, /* GB, gb */
    SPACED = 4,    /* in a cell only behind a blank: 7B is a model, 8x a number of things */
    NO_NAME = 8    /* ends no column's name: latency_min is a minimum */
};

#define HIGHER WFM_HIGHER_IS_BETTER
#define LOWER  WFM_LOWER_IS_BETTER
#define OPEN   WFM_DIRECTION_UNKNOWN

/* clang-format off */
static const wfm_unit_t units[] = {
    {"ns nsec nanosecond nanoseconds", "ns", WFM_UNIT_TIME, 0, 1, LOWER, 0},
    {"us \xc2\xb5s \xce\xbcs usec microsecond microseconds", "us", WFM_UNIT_TIME, 3, 1, LOWER, 0},
    {"ms msec millisecond milliseconds", "ms", WFM_UNIT_TIME, 6, 1, LOWER, 0},
    {"s sec secs second seconds", "s", WFM_UNIT_TIME, 9, 1, LOWER, 0},
    {"min mins", "min", WFM_UNIT_TIME, 9, 60, LOWER, NO_NAME},
    {"minutes minute", "min", WFM_UNIT_TIME, 9, 60, LOWER, 0},
    {"h", "h", WFM_UNIT_TIME, 9, 3600, LOWER, SPACED | NO_NAME},
    {"hours hour", "h", WFM_UNIT_TIME, 9, 3600, LOWER, 0},
    {"ns/op ns/iter", "ns/op", WFM_UNIT_TIME_PER_OP, 0, 1, LOWER, 0},
    {"us/op \xc2\xb5s/op us/iter", "us/op", WFM_UNIT_TIME_PER_OP, 3, 1, LOWER, 0},
    {"ms/op ms/iter", "ms/op", WFM_UNIT_TIME_PER_OP, 6, 1, LOWER, 0},
    {"s/op s/iter", "s/op", WFM_UNIT_TIME_PER_OP, 9, 1, LOWER, 0},
    {"B bytes byte", "B", WFM_UNIT_BYTES, 0, 1, OPEN, SPACED},
    {"KB kB", "KB", WFM_UNIT_BYTES, 3, 1, OPEN, LOWER_TOO},
    {"MB", "MB", WFM_UNIT_BYTES, 6, 1, OPEN, LOWER_TOO},
    {"GB", "GB", WFM_UNIT_BYTES, 9, 1, OPEN, LOWER_TOO},
    {"TB", "TB", WFM_UNIT_BYTES, 12, 1, OPEN, LOWER_TOO},
    {"KiB", "KiB", WFM_UNIT_BYTES, 0, 1024.0, OPEN, LOWER_TOO},
    {"MiB", "MiB", WFM_UNIT_BYTES, 0, 1048576.0, OPEN, LOWER_TOO},
    {"GiB", "GiB", WFM_UNIT_BYTES, 0, 1073741824.0, OPEN, LOWER_TOO},
    {"TiB", "TiB", WFM_UNIT_BYTES, 0, 1099511627776.0, OPEN, LOWER_TOO},
    {"B/s bytes/s", "B/s", WFM_UNIT_BYTES_PER_TIME, 0, 1, HIGHER, 0},
    {"KB/s kB/s", "KB/s", WFM_UNIT_BYTES_PER_TIME, 3, 1, HIGHER, LOWER_TOO},
    {"KBps", "KB/s", WFM_UNIT_BYTES_PER_TIME, 3, 1, HIGHER, 0},
    {"MB/s", "MB/s", WFM_UNIT_BYTES_PER_TIME, 6, 1, HIGHER, LOWER_TOO},
    {"MBps", "MB/s", WFM_UNIT_BYTES_PER_TIME, 6, 1, HIGHER, 0},
    {"GB/s", "GB/s", WFM_UNIT_BYTES_PER_TIME, 9, 1, HIGHER, LOWER_TOO},
    {"GBps", "GB/s", WFM_UNIT_BYTES_PER_TIME, 9, 1, HIGHER, 0},
    {"TB/s", "TB/s", WFM_UNIT_BYTES_PER_TIME, 12, 1, HIGHER, LOWER_TOO},
    {"TBps", "TB/s", WFM_UNIT_BYTES_PER_TIME, 12, 1, HIGHER, 0},
    {"KiB/s", "KiB/s", WFM_UNIT_BYTES_PER_TIME, 0, 1024.0, HIGHER, LOWER_TOO},
    {"MiB/s", "MiB/s", WFM_UNIT_BYTES_PER_TIME, 0, 1048576.0, HIGHER, LOWER_TOO},
    {"GiB/s", "GiB/s", WFM_UNIT_BYTES_PER_TIME, 0, 1073741824.0, HIGHER, LOWER_TOO},
    {"bit/s bps", "bit/s", WFM_UNIT_BITS_PER_TIME, 0, 1, HIGHER, 0},
    {"kbit/s Kbit/s kbps Kbps", "kbit/s", WFM_UNIT_BITS_PER_TIME, 3, 1, HIGHER, 0},
    {"Mbit/s Mbps", "Mbit/s", WFM_UNIT_BITS_PER_TIME, 6, 1, HIGHER, LOWER_TOO},
    {"Gbit/s Gbps", "Gbit/s", WFM_UNIT_BITS_PER_TIME, 9, 1, HIGHER, LOWER_TOO},
    {"FLOPS FLOP/s", "FLOPS", WFM_UNIT_FLOPS, 0, 1, HIGHER, NO_NAME},
    {"MFLOPS MFLOP/s", "MFLOPS", WFM_UNIT_FLOPS, 6, 1, HIGHER, ANY_CASE},
    {"GFLOPS GFLOP/s", "GFLOPS", WFM_UNIT_FLOPS, 9, 1, HIGHER, ANY_CASE},
    {"TFLOPS TFLOP/s TFLOPS/s", "TFLOPS", WFM_UNIT_FLOPS, 12, 1, HIGHER, ANY_CASE},
    {"PFLOPS PFLOP/s", "PFLOPS", WFM_UNIT_FLOPS, 15, 1, HIGHER, ANY_CASE},
    {"ops/s op/s", "ops/s", WFM_UNIT_OPS, 0, 1, HIGHER, ANY_CASE},
    {"ops/ms kops/s", "ops/ms", WFM_UNIT_OPS, 3, 1, HIGHER, 0},
    {"ops/us Mops/s", "ops/us", WFM_UNIT_OPS, 6, 1, HIGHER, 0},
    {"ops/ns GOPS Gops/s", "ops/ns", WFM_UNIT_OPS, 9, 1, HIGHER, 0},
    {"TOPS", "TOPS", WFM_UNIT_OPS, 12, 1, HIGHER, 0},
    {"Hz", "Hz", WFM_UNIT_FREQUENCY, 0, 1, OPEN, LOWER_TOO},
    {"kHz KHz", "kHz", WFM_UNIT_FREQUENCY, 3, 1, OPEN, LOWER_TOO},
    {"MHz", "MHz", WFM_UNIT_FREQUENCY, 6, 1, OPEN, LOWER_TOO},
    {"GHz", "GHz", WFM_UNIT_FREQUENCY, 9, 1, OPEN, LOWER_TOO},
    {"mW", "mW", WFM_UNIT_POWER, 0, 1, OPEN, 0},
    {"W watts watt", "W", WFM_UNIT_POWER, 3, 1, OPEN, 0},
    {"kW", "kW", WFM_UNIT_POWER, 6, 1, OPEN, 0},
    {"mJ", "mJ", WFM_UNIT_ENERGY, 0, 1, LOWER, 0},
    {"J joules joule", "J", WFM_UNIT_ENERGY, 3, 1, LOWER, 0},
    {"kJ", "kJ", WFM_UNIT_ENERGY, 6, 1, LOWER, 0},
    {"%", "%", WFM_UNIT_ALONE, 0, 1, OPEN, 0},
    {"percent pct", "%", WFM_UNIT_ALONE, 0, 1, OPEN, ANY_CASE},
    {"\xc2\xb0""C degC celsius", "\xc2\xb0""C", WFM_UNIT_ALONE, 0, 1, OPEN, 0},
    {"x", "x", WFM_UNIT_ALONE, 0, 1, OPEN, NO_NAME},
    {"tokens/s token/s tok/s", "tokens/s", WFM_UNIT_ALONE, 0, 1, HIGHER, ANY_CASE},
    {"samples/s sample/s", "samples/s", WFM_UNIT_ALONE, 0, 1, HIGHER, ANY_CASE},
    {"requests/s request/s req/s rps", "requests/s", WFM_UNIT_ALONE, 0, 1, HIGHER, ANY_CASE},
    {"queries/s query/s qps", "queries/s", WFM_UNIT_ALONE, 0, 1, HIGHER, ANY_CASE},
    {"transactions/s transaction/s", "transactions/s", WFM_UNIT_ALONE, 0, 1, HIGHER, ANY_CASE},
    {"images/s image/s img/s", "images/s", WFM_UNIT_ALONE, 0, 1, HIGHER, ANY_CASE},
    {"frames/s frame/s fps", "frames/s", WFM_UNIT_ALONE, 0, 1, HIGHER, ANY_CASE},
    {"iterations/s iteration/s iter/s iters/s it/s", "iterations/s", WFM_UNIT_ALONE, 0, 1, HIGHER, ANY_CASE},
    {"steps/s step/s", "steps/s", WFM_UNIT_ALONE, 0, 1, HIGHER, ANY_CASE},
    {"items/s item/s", "items/s", WFM_UNIT_ALONE, 0, 1, HIGHER, ANY_CASE},
    {"rows/s row/s", "rows/s", WFM_UNIT_ALONE, 0, 1, HIGHER, ANY_CASE},
    {"messages/s message/s msg/s", "messages/s", WFM_UNIT_ALONE, 0, 1, HIGHER, ANY_CASE},
    {"B/op bytes/op", "B/op", WFM_UNIT_ALONE, 0, 1, LOWER, 0},
    {"allocs/op", "allocs/op", WFM_UNIT_ALONE, 0, 1, LOWER, 0},
};
/* clang-format on */

static int is_lower(const char *s, apr_size_t len)
{
    for (apr_size_t i = 0; i < len; i++)
        if (s[i] >= 'A' && s[i] <= 'Z')
            return 0;
    return 1;
}

static int is_spelled(const wfm_unit_t *unit, const char *s, apr_size_t len, int any_case)
{
    for (const char *at = unit->spellings; *at;) {
        apr_size_t n = strcspn(at, " ");

        if (n == len && !(any_case ? strncasecmp(at, s, n) : strncmp(at, s, n)))
            return 1;
        at += n + strspn(at + n, " ");
    }
    return 0;
}

/* As it is spelled comes before what is spelled otherwise: mW and MW are two. */
static const wfm_unit_t *find(const char *s, apr_size_t len)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (is_spelled(&units[i], s, len, 0))
            return &units[i];
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if ((units[i].flags & ANY_CASE || (units[i].flags & LOWER_TOO && is_lower(s, len))) &&
            is_spelled(&units[i], s, len, 1))
            return &units[i];
    return NULL;
}

#define UNIT_BYTES 32 /* no spelling is longer */

static int ends_in(const char *s, apr_size_t len, const char *end)
{
    apr_size_t n = strlen(end);

    return len > n && !strncasecmp(s + len - n, end, n);
}

/* "GB/sec" is "GB/s". */
static const wfm_unit_t *find_rate(const char *s, apr_size_t len)
{
    static const char *const ends[] = {"/sec", "/second", "/seconds"};
    char rate[UNIT_BYTES];

    for (int i = 0; i < 3; i++)
        if (len < sizeof rate && ends_in(s, len, ends[i])) {
            len -= strlen(ends[i]) - 2;
            memcpy(rate, s, len);
            rate[len - 1] = 's';
            return find(rate, len);
        }
    return find(s, len);
}

const wfm_unit_t *wfm_unit_of_cell(const char *text, apr_size_t len, int spaced)
{
    const wfm_unit_t *unit = len < UNIT_BYTES ? find_rate(text, len) : NULL;

    return unit && unit->flags & SPACED && !spaced ? NULL : unit;
}

/* "latency (ms)": what stands in brackets at the end. */
static const char *bracketed(const char *name, apr_size_t *len)
{
    apr_size_t n = strlen(name);
    const char *open;

    if (!n || !strchr(")]", name[n - 1]))
        return NULL;
    open = strrchr(name, name[n - 1] == ')' ? '(' : '[');
    if (!open)
        return NULL;
    *len = (apr_size_t)(name + n - 1 - (open + 1));
    return open + 1;
}

static int is_between(char c)
{
    return c == '_' || c == ' ' || c == '-' || c == '.';
}

/* The last words of a name, from `s` on, as a unit is written: "tokens_per_s" is "tokens/s". */
static const wfm_unit_t *find_words(const char *s)
{
    char unit[UNIT_BYTES];
    apr_size_t n = 0;

    while (*s && n < sizeof unit - 1) {
        if (is_between(*s)) {
            if (!strncasecmp(s + 1, "per", 3) && is_between(s[4]))
                s += 4;
            unit[n++] = '/';
            s++;
        } else {
            unit[n++] = *s++;
        }
    }
    if (*s || !n)
        return NULL;
    return find_rate(unit, n);
}

/* Where the last words begin: `words` of them. */
static const char *last_words(const char *name, int words)
{
    const char *s = name + strlen(name);

    while (s > name && (!is_between(s[-1]) || --words > 0))
        s--;
    return s;
}

const wfm_unit_t *wfm_unit_of_name(const char *name)
{
    apr_size_t len = 0;
    const char *in = bracketed(name, &len);
    const wfm_unit_t *unit = NULL;

    if (in && len && len < UNIT_BYTES)
        return find_rate(in, len);
    for (int words = 3; words > 0 && !unit; words--)
        unit = find_words(last_words(name, words));
    return unit && unit->flags & NO_NAME ? NULL : unit;
}

int wfm_units_agree(const wfm_unit_t *a, const wfm_unit_t *b)
{
    return !strcmp(a->name, b->name) || (a->family != WFM_UNIT_ALONE && a->family == b->family);
}
