/*
 * process.c - reads /proc and pg_stat_activity.
 */
#include "process.h"
#include "../integration/db.h"
#include "../integration/fixture.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long rss_of(pid_t pid)
{
    FILE *f = fopen(strf("/proc/%d/status", (int)pid), "r");
    char line[256];
    long kb = 0;

    while (f && fgets(line, sizeof(line), f))
        if (!strncmp(line, "VmRSS:", 6))
            kb = atol(line + 6);
    if (f)
        fclose(f);
    return kb;
}

static int fds_of(pid_t pid)
{
    DIR *dir = opendir(strf("/proc/%d/fd", (int)pid));
    int n = -2; /* . and .. */

    if (!dir)
        return 0;
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

static void add(process_use_t *use, pid_t pid)
{
    use->processes++;
    use->rss_kb += rss_of(pid);
    use->fds += fds_of(pid);
}

process_use_t process_parent(void)
{
    process_use_t use = {0};

    add(&use, fixture_httpd_pid());
    return use;
}

/* When their number has not changed for a while. */
void process_settle(void)
{
    int last = fixture_httpd_children()->nelts;

    for (int i = 0, same = 0; i < 100 && same < 6; i++) {
        int n;

        usleep(250000);
        n = fixture_httpd_children()->nelts;
        same = n == last ? same + 1 : 0;
        last = n;
    }
}

process_use_t process_children(void)
{
    apr_array_header_t *pids = fixture_httpd_children();
    process_use_t use = {0};

    for (int i = 0; i < pids->nelts; i++)
        add(&use, APR_ARRAY_IDX(pids, i, pid_t));
    use.connections = (int)db_int(
        "postgres", "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'cluster-%'",
        0);
    return use;
}
