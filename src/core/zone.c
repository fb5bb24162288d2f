/*
 * zone.c - owns the forms of time zones' names.
 *
 * An abbreviation is letters only, a POSIX rule has digits. So a name with a slash and no digits is
 * neither; of the others there are few, and no more are made: they are the tz database's old ones.
 */
#include "zone.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LONGEST 255 /* PostgreSQL's own bound */

static const char *const without_slash[] = {
    "CET",      "CST6CDT",   "Cuba",       "EET",  "Egypt",   "Eire",    "EST",   "EST5EDT",
    "Factory",  "GB",        "GB-Eire",    "GMT",  "GMT+0",   "GMT-0",   "GMT0",  "Greenwich",
    "Hongkong", "HST",       "Iceland",    "Iran", "Israel",  "Jamaica", "Japan", "Kwajalein",
    "Libya",    "localtime", "MET",        "MST",  "MST7MDT", "Navajo",  "NZ",    "NZ-CHAT",
    "Poland",   "Portugal",  "posixrules", "PRC",  "PST8PDT", "ROC",     "ROK",   "Singapore",
    "Turkey",   "UCT",       "Universal",  "UTC",  "WET",     "W-SU",    "Zulu",  NULL};

static const char *const of_utc[] = {"UTC",   "UCT",  "GMT",       "GMT0",      "GMT+0",
                                     "GMT-0", "Zulu", "Universal", "Greenwich", NULL};

static const struct {
    const char *name, *same;
} abbreviated[] = {
    {"CET", "Europe/Brussels"},
    {"MET", "Europe/Brussels"},
    {"EET", "Europe/Athens"},
    {"WET", "Europe/Lisbon"},
};

static int is_in(const char *const *list, const char *name)
{
    while (*list && strcasecmp(*list, name))
        list++;
    return *list != NULL;
}

/* What follows the prefix, else NULL. */
static const char *after(const char *prefix, const char *name)
{
    apr_size_t n = strlen(prefix);

    return strncasecmp(prefix, name, n) ? NULL : name + n;
}

/* "Etc/GMT+12" … "Etc/GMT-14", no more: others would be rules. */
static int is_fixed(const char *name)
{
    const char *hours = after("Etc/GMT", name);

    if (!hours || (*hours != '+' && *hours != '-') || !hours[1] || strlen(hours + 1) > 2 ||
        strspn(hours + 1, "0123456789") != strlen(hours + 1))
        return hours && !strcmp(hours, "0");
    if (hours[1] == '0') /* +0, not +05 */
        return !hours[2];
    return atoi(hours + 1) <= (*hours == '+' ? 12 : 14);
}

int wfm_zone_is_name(const char *name, apr_size_t len)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789/_+-";
    const char *posix = after("posix/", name);

    if (!len || len > LONGEST || strspn(name, letters) != len || after("right/", name))
        return 0;
    if (posix) /* Debian has all of them a second time there */
        name = posix;
    if (is_in(without_slash, name) || is_fixed(name))
        return 1;
    return strchr(name, '/') && !strpbrk(name, "0123456789");
}

int wfm_zone_is_utc(const char *name)
{
    const char *etc = after("Etc/", name);

    return is_in(of_utc, etc ? etc : name);
}

const char *wfm_zone_for_sql(const char *name)
{
    for (size_t i = 0; i < sizeof abbreviated / sizeof *abbreviated; i++)
        if (!strcasecmp(abbreviated[i].name, name))
            return abbreviated[i].same;
    return name;
}
