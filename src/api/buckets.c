/*
 * buckets.c - owns how time is cut into buckets.
 *
 * UTC, whatever the session's time zone: date_bin from an origin that is a Monday, midnight, before
 * all data (0001-01-01). Days, weeks and six hours of another zone are the same bins of its wall
 * clock; months are nobody's bins. Hours are not told apart by the wall clock, which shows some of
 * them twice.
 */
#include "buckets.h"
#include <apr_strings.h>

const char *const api_intervals[] = {"1h", "6h", "1d", "1w", "1M", NULL};
/* In hours: a day of generate_series may be a session's. */
static const char *const widths[] = {"1 hour", "6 hours", "24 hours", "168 hours", "1 month"};

#define FIRST_INSTANT "timestamptz '0001-01-01 00:00:00+00'"
#define UTC           "'UTC'"

/* Is the key what a wall clock shows? */
static int is_wall(const api_buckets_t *b)
{
    return b->interval == API_MONTH || (b->zone && b->interval != API_HOUR);
}

/* The zone as SQL. */
static const char *zone_sql(wfm_sql_t *q, api_buckets_t *b)
{
    if (!b->zone)
        return UTC;
    if (!b->zone_number)
        b->zone_number = wfm_sql_param(q, b->zone);
    return apr_psprintf(q->pool, "$%d::text", b->zone_number);
}

static void add_width(wfm_sql_t *q, const api_buckets_t *b)
{
    wfm_sql_bind(q, widths[b->interval], "interval");
}

/*
 * The hour that the wall clock began at the instant's offset from UTC; but where the zone's offset
 * changed by less than an hour in between, there was no such instant: then what PostgreSQL makes of
 * the hour on the clock.
 */
static void add_hour(wfm_sql_t *q, api_buckets_t *b, const char *instant)
{
    const char *zone = zone_sql(q, b);
    const char *hour = apr_pstrcat(q->pool, "date_trunc('hour', ", instant, ", ", zone, ")", NULL);
    const char *shown =
        apr_pstrcat(q->pool, "date_trunc('hour', ", instant, " AT TIME ZONE ", zone, ")", NULL);

    wfm_sql_texts(q, "CASE WHEN ", hour, " AT TIME ZONE ", zone, " = ", shown, " THEN ", hour,
                  " ELSE ", shown, " AT TIME ZONE ", zone, " END");
}

void api_bucket_key(wfm_sql_t *q, api_buckets_t *b, const char *instant)
{
    const char *zone = zone_sql(q, b);

    if (b->interval == API_MONTH) {
        wfm_sql_add(
            q, apr_psprintf(q->pool, "date_trunc('month', %s AT TIME ZONE %s)", instant, zone));
    } else if (b->zone && b->interval == API_HOUR) {
        add_hour(q, b, instant);
    } else {
        wfm_sql_add(q, "date_bin(");
        add_width(q, b);
        wfm_sql_add(q, ", ");
        wfm_sql_add(q, instant);
        if (b->zone)
            wfm_sql_texts(q, " AT TIME ZONE ", zone, ", timestamp '0001-01-01')");
        else
            wfm_sql_add(q, ", " FIRST_INSTANT ")");
    }
}

/*
 * When the wall clock first showed that. Of two midnights (Havana and the Azores set their clocks
 * back from 1 to 0) PostgreSQL takes the second, so the offset of a day earlier is tried, too. For
 * a midnight that there was not (Beirut goes from 0 to 1) it takes the instant of the change, which
 * is right.
 */
static void add_first_shown(wfm_sql_t *q, api_buckets_t *b, const char *key)
{
    const char *zone = zone_sql(q, b);

    wfm_sql_texts(q, "(SELECT least(s, CASE WHEN e AT TIME ZONE ", zone, " = ", key,
                  " THEN e END) FROM (SELECT s, (", key,
                  " - ((s - interval '24 hours') AT TIME ZONE ", zone,
                  " - (s - interval '24 hours') AT TIME ZONE " UTC ")) AT TIME ZONE " UTC
                  " AS e FROM (SELECT ",
                  key, " AT TIME ZONE ", zone, " AS s OFFSET 0) s OFFSET 0) e)");
}

void api_bucket_start(wfm_sql_t *q, api_buckets_t *b, const char *key)
{
    if (!b->zone) {
        wfm_sql_add(q, key);
        if (is_wall(b))
            wfm_sql_add(q, " AT TIME ZONE " UTC);
        return;
    }
    /* one that began before the year 1 is named by the first instant that can be said */
    wfm_sql_add(q, "greatest(" FIRST_INSTANT ", ");
    if (is_wall(b))
        add_first_shown(q, b, key);
    else
        wfm_sql_add(q, key);
    wfm_sql_add(q, ")");
}

void api_bucket_zone_exists(wfm_sql_t *q, api_buckets_t *b)
{
    if (b->zone)
        wfm_sql_texts(q, " AND timestamptz 'epoch' AT TIME ZONE ", zone_sql(q, b), " IS NOT NULL");
}

void api_buckets_between(wfm_sql_t *q, api_buckets_t *b, const char *table, int most)
{
    int hours = b->zone && b->interval == API_HOUR;

    wfm_sql_add(q, "SELECT DISTINCT ");
    if (hours)
        add_hour(q, b, "t");
    else
        wfm_sql_add(q, "t");
    /* in the list of columns, so that LIMIT ends it */
    wfm_sql_add(q, " AS bucket FROM (SELECT generate_series(min(bucket), max(bucket), ");
    if (hours) /* where the offset changes by half an hour, an hour may be half as long */
        wfm_sql_add(q, "interval '30 minutes'");
    else
        add_width(q, b);
    wfm_sql_add(
        q, apr_psprintf(q->pool, ") AS t FROM %s LIMIT %d) t", table, hours ? 3 * most : most));
}
