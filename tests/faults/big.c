/*
 * big.c - owns the rows of the big export, and its raw readers.
 */
#include "big.h"
#include "../integration/db.h"
#include "../integration/expect.h"
#include "../integration/fixture.h"
#include <string.h>
#include <unistd.h>

const char *big_export(const char *query)
{
    apr_int64_t config =
        db_int(DB_A, "SELECT id FROM github_workflow_configs WHERE name = 'big'", 0);

    if (config < 0) {
        config = seed_config(DB_A, "big");
        seed_schema(DB_A, config, 1, 1, "[\"Op\",\"batch_size\"]", "[\"throughput\"]");
        db_run(
            DB_A,
            "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
            " source_file, dimensions, metrics) SELECT $1::bigint, i / 68, 1,"
            " '2025-01-01T00:00:00Z'::timestamptz + i / 34 * interval '1 minute',"
            " repeat('bench/', 10) || 'summary.csv',"
            " jsonb_build_object('Op', 'Attention-FP8', 'batch_size', i % 64),"
            " jsonb_build_object('throughput', 157 + i % 946) FROM generate_series(1, $2::int) i",
            2, strf(ID, config), strf("%d", BIG_ROWS));
        db_run(DB_A, "ANALYZE github_workflow_metrics", 0);
    }
    return strf("/configs/" ID "/export?limit=%d%s", config, BIG_ROWS, query);
}

int big_open(const char *host)
{
    const char *head =
        strf("GET " API_BASE "%s HTTP/1.1\r\nHost: %s\r\n\r\n", big_export(""), host);
    int fd = http_raw_open(head, strlen(head));

    expect(big_read(fd, 64) > 0, "no answer");
    return fd;
}

int big_read(int fd, int bytes)
{
    char buf[1024];
    int got = 0;

    while (got < bytes) {
        ssize_t n = read(fd, buf, bytes - got < 1024 ? (size_t)(bytes - got) : sizeof(buf));

        if (n <= 0)
            return 0;
        got += (int)n;
    }
    return got;
}
