"""writers.py - what the summaries cost those who write: the same statements with and without them.

The figures are of the processor (backend_time), because the summaries make nobody wait; `insert` in
measure.py takes the time as it passes, with the disk.
"""
import statistics
from datetime import datetime, timedelta, timezone

from clients import Failed, backend_time, curl, insert_script, maintain, query_value
from table import REPEATS, compare_pairs, limit, table

WITH, WITHOUT = "scratch_migrated", "scratch_plain"
PER_DAY = 55  # config 1's runs
RUNS_A_SAMPLE = 100
WARM_UP = 10  # runs of a new session, which has to plan and to compile
SOME_RUNS = 100000
SOME_ROWS = 20000
HALF_TIMEOUT = 7.5  # of WfmetricsStatementTimeout, as it is by default


def in_one_statement(head, rows):
    return head + ",\n".join(rows) + ";\n"


def one_by_one(head, rows):
    return "BEGIN;\n" + "".join(f"{head}{row};\n" for row in rows) + "COMMIT;\n"


def by_copy(head, rows):
    columns = head.removeprefix("INSERT INTO ").removesuffix(" VALUES\n")
    lines = "".join(row[1:-1] + "\n" for row in rows)
    return f"COPY {columns} FROM stdin (FORMAT csv, QUOTE '''');\n{lines}\\.\n"


def writing_runs(form):
    """Samplers, with and without: some runs' rows, a transaction for each run. What the module does every minute is
    done before."""
    head, rows = insert_script(WITHOUT).split("INSERT", 1)[1].rstrip(";\n").split("VALUES\n")
    head, rows = f"INSERT{head}VALUES\n", rows.split(",\n")
    written = {WITH: 0, WITHOUT: 0}

    def run_of(n):
        at = datetime(1980, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=n * 86400 // PER_DAY)
        return form(head, [row.replace("to_timestamp(:at)", f"'{at}'").replace(":run", str(2000000000 + n))
                           for row in rows])

    def sampler(database):
        def sample():
            runs = [run_of(n) for n in range(written[database], written[database] + WARM_UP + RUNS_A_SAMPLE)]
            written[database] += len(runs)
            if database == WITH:
                maintain(database)
            return backend_time("".join(runs[WARM_UP:]), database, "".join(runs[:WARM_UP])) / RUNS_A_SAMPLE
        return sample
    return sampler(WITH), sampler(WITHOUT)


def undone(statement, vacuumed):
    """Samplers: a statement that is rolled back, so that the next one finds all as it was."""
    return [lambda database=database: backend_time(f"BEGIN;\n{statement};\nROLLBACK;", database,
                                                   f"VACUUM {vacuumed};") for database in (WITH, WITHOUT)]


def make_failed_runs(database):
    query_value(f"""INSERT INTO github_workflow_runs (config_id, workload_uid, workload_name, workload_namespace,
            status, trigger_source, created_at, updated_at)
        SELECT 2, md5('failed ' || i)::uuid, 'failed-' || i, 'primus', 'failed', 'realtime', at, at FROM (
            SELECT i, '2025-01-01 12:00:00+00'::timestamptz + i % 365 * interval '1 day' AS at
            FROM generate_series(1, {SOME_RUNS}) i) r;
        ANALYZE github_workflow_runs""", database)
    if database == WITH:
        maintain(database)


def stage_rows(database, names):
    """Rows of which each has one metric (or some, where there are more names than rows), so many names in all."""
    each = max(1, names // SOME_ROWS)
    query_value(f"""DROP TABLE IF EXISTS staged;
        CREATE TABLE staged AS SELECT 3::bigint AS config_id, i::bigint AS run_id, 3::bigint AS schema_id,
            '2001-01-01 12:00:00+00'::timestamptz AS "timestamp", '{{"Op": "GEMM"}}'::jsonb AS dimensions, (
                SELECT jsonb_object_agg('metric ' || (i * {each} + j) % {names}, 1.5)
                FROM generate_series(1, {each}) j) AS metrics
        FROM generate_series(1, {SOME_ROWS}) i;
        ANALYZE staged""", database)


def retry_all():
    """Of the failed runs over HTTP: the seconds that it took."""
    times = []
    for _ in range(REPEATS):
        query_value("UPDATE github_workflow_runs SET status = 'failed' WHERE workload_name LIKE 'failed-%'", WITH)
        maintain(WITH)
        times.append(curl("/configs/2/runs/batch-retry", "{}", host="write")[0].total)
        left = query_value("SELECT count(*) FROM github_workflow_runs WHERE config_id = 2 AND status = 'failed'", WITH)
        if left != "0":
            raise Failed(f"{left} runs not retried")
    return statistics.median(times)


def writers():
    for database in (WITH, WITHOUT):
        query_value(f"ALTER DATABASE {database} SET synchronous_commit = off", "postgres")
    for name, form, at_most in (("in one statement", in_one_statement, 1.15), ("by COPY", by_copy, 1.15),
                                ("one by one in a transaction", one_by_one, 1.8)):
        compare_pairs(f"a run's 68 rows {name} (without summaries)", *writing_runs(form), "s", at_most)
    for names in (20, 4000, 100000):
        for database in (WITH, WITHOUT):
            stage_rows(database, names)
        compare_pairs(f"INSERT of {SOME_ROWS} rows with {names} metric names (without summaries)", *undone(
            'INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, "timestamp", dimensions, metrics)'
            " SELECT * FROM staged", "github_workflow_metrics"), "s", 1.3)
    for database in (WITH, WITHOUT):
        make_failed_runs(database)
    compare_pairs(f"UPDATE of {SOME_RUNS} runs (without summaries)", *undone(
        "UPDATE github_workflow_runs SET status = 'pending', updated_at = now() WHERE workload_name LIKE 'failed-%'",
        "github_workflow_runs"), "s", 1.3)
    name = f"batch-retry of {SOME_RUNS} runs over HTTP (half of the default timeout)"
    try:
        limit(name, retry_all(), HALF_TIMEOUT, "s", f"≤ {HALF_TIMEOUT} s")
    except Failed as failure:
        table.add(name, str(failure), "", "", f"≤ {HALF_TIMEOUT} s", "no")
