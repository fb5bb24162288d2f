"""measure.py - the measures, their yardsticks and their targets; prints one table.

bench.sh has started both servers and says in the environment where they are. What the summaries
cost, and what they are when much has gone, are writers.py's and kept.py's; what comes in is results.py's, the page page.py's.
"""
import os
import random
import statistics
import sys

import kept
import page
import results
import writers
from clients import (DIR, GO_URL, URL, Failed, copied_rows, curl, fetch, insert_script, insert_time, load,
                     memory_growth, peak, query_time, query_value, request_rate, request_time, resident,
                     restart_child, statements_sent, transfers)
from table import REPEATS, compare, limit, table, text_of

RUNS = int(os.environ["BENCH_RUNS"])
SECONDS = int(os.environ["BENCH_SECONDS"])
WWW = os.environ["BENCH_WWW"]
MAIN = f"lens_{RUNS}"
PREFIX = "/v1/github-workflow-metrics"
MONTH = ("2025-12-02T00:00:00Z", "2025-12-31T23:59:59Z")

LARGE_CONFIG = "FROM github_workflow_metrics m WHERE m.config_id = 1"
IN_MONTH = f""" AND m."timestamp" >= '{MONTH[0]}' AND m."timestamp" <= '{MONTH[1]}'"""


# ---- one group of rows each ----

def endpoints():
    for name, path in (("schema", "/configs/1/schemas/active"), ("config", "/configs/1")):
        with open(os.path.join(WWW, name + ".json"), "w", encoding="utf-8") as file:
            file.write(fetch(path))
        every = [f"GET {PREFIX}{path.replace('1', str(config))}" for config in range(1, 21)]
        static = request_rate(f"GET /{name}.json")
        compare(f"GET {path}, 8 connections (yardstick: a static file)", request_rate(every[0]), static,
                "/s", at_least=0.6)
        compare(f"GET {path}, and of 19 other configs (a static file)", request_rate(*every), static,
                "/s", at_least=0.6)


def runs():
    for name, query in (("unfiltered", ""), ("by status", "?status=failed"), ("by config", "?config_id=1"),
                        ("by dates", f"?start_date={MONTH[0]}&end_date={MONTH[1]}")):
        path = "/runs" + query
        compare(f"GET /runs {name}, of 1 000 000 runs (of 10 000)", request_time(path, host="large"),
                request_time(path, host="small"), "s", at_most=1.5)
        limit(f"GET /runs {name}, statements", statements_sent(path, MAIN), 1, "", "1")


def repositories():
    for name, path in (("all", "/repositories"), ("one", "/repositories/AMD-AGI/Primus-Turbo")):
        compare(f"repositories, {name}, of 1 000 000 runs (of 10 000)", request_time(path, host="large"),
                request_time(path, host="small"), "s", at_most=1.5)
        limit(f"repositories, {name}, statements", statements_sent(path, MAIN), 2, "", "≤ 2")


def values():
    distinct = query_time(f"SELECT DISTINCT m.dimensions ->> 'Op' {LARGE_CONFIG}", database=MAIN)
    for name, query in (("all", ""), ("of 30 days", f"?start={MONTH[0]}&end={MONTH[1]}")):
        path = "/configs/1/dimensions/Op/values" + query
        compare(f"dimension values, {name} (SELECT DISTINCT of all)", request_time(path), distinct, "s", faster=200)
        compare(f"dimension values, {name}, of {RUNS * 68} rows (of 34 000)", request_time(path),
                request_time(path, host="small"), "s", at_most=1.5)


def copy_statement(rows, where=""):
    return (r"""\copy (SELECT m.dimensions ->> 'Op', m.dimensions ->> 'Backend:Stage', m.dimensions ->> 'Model',"""
            """ m.dimensions ->> 'batch_size', m.dimensions ->> 'seq_len', m.metrics ->> 'throughput',"""
            """ m.metrics ->> 'latency_ms', to_char(m."timestamp" AT TIME ZONE 'UTC','YYYY-MM-DD"T"HH24:MI:SS"Z"'),"""
            f""" m.source_file {LARGE_CONFIG}{where} ORDER BY m."timestamp" DESC, m.id LIMIT {rows})"""
            """ TO '/dev/null' (FORMAT csv, HEADER)""")


def same_rows(path, statement):
    """Both sides write the same number of rows, else they cannot be compared."""
    lines = fetch(path + "&format=ndjson").count("\n")
    copied = copied_rows(statement, MAIN)
    if lines != copied:
        raise Failed(f"{lines} rows exported, {copied} copied")
    return lines


def first_byte(path, before, times, url=URL):
    """A sampler: the median of as many requests, each with a small one before it on the same connection,
    so that whatever is measured finds processors' caches alike."""
    return lambda: statistics.median(t.first for t in transfers([before, path] * times, url=url)[1::2])


def export():
    path = "/configs/1/export?limit=1000000"
    filtered = path + "&dimensions=%7B%22Op%22:%22GEMM%22%7D"
    gemm = " AND m.dimensions ->> 'Op' = 'GEMM'"
    whole, ten = copy_statement(1000000), "/configs/1/export?limit=10"
    rows, some = same_rows(path, whole), same_rows(filtered, copy_statement(1000000, gemm))
    copy = query_time(whole, database=MAIN)

    for name, suffix, share in (("CSV", "", 0.60), ("NDJSON", "&format=ndjson", 0.90)):
        compare(f"export of {rows} rows as {name} (psql's COPY as CSV)",
                lambda suffix=suffix: curl(path + suffix)[0].total, copy, "s", at_most=share)
        limit(f"export of {rows} rows as {name}, growth of httpd's child",
              memory_growth(lambda: curl(ten, times=20), lambda suffix=suffix: curl(path + suffix)),
              8 * 1048576 - 1, "MB", "< 8 MB")
    compare(f"export of {rows} rows, first byte (of 10 rows)", first_byte(path, ten, 5), first_byte(ten, ten, 9), "s",
            at_most=1.5)
    compare(f"export of {some} rows with Op=GEMM (psql's COPY)", lambda: curl(filtered)[0].total,
            query_time(copy_statement(1000000, gemm), database=MAIN), "s", at_most=0.70)


def charts():
    value = "(CASE WHEN m.metrics ->> 'throughput' <> 'N/A' THEN m.metrics ->> 'throughput' END)::numeric"
    for name, where, body in (("30 days", IN_MONTH, f',"start":"{MONTH[0]}","end":"{MONTH[1]}"'),
                              ("whole history", "", "")):
        plain = query_time(
            f"""SELECT date_trunc('day', m."timestamp", 'UTC'), m.dimensions ->> 'Op', avg({value}),"""
            f" count({value}), min({value}), max({value}) {LARGE_CONFIG}{where} GROUP BY 1, 2 ORDER BY 1, 2",
            database=MAIN)
        compare(f"trends, daily by Op, {name} (the plain query)", request_time(
            "/configs/1/metrics/trends",
            f'{{"metric_fields":["throughput"],"interval":"1d","group_by":["Op"]{body}}}'), plain, "s", faster=5)
        compare(f"aggregate, daily by Op, {name} (the plain query)", request_time(
            "/configs/1/metrics/aggregate",
            f'{{"metric_field":"throughput","interval":"1d","group_by":["Op"]{body}}}'), plain, "s", faster=5)


def seconds(path, host="main", body=None):
    sample = request_time(path, body, host)
    return [sample(), sample()][1]


def compared():
    branches = "/configs/1/compare?base_branch=main&head_branch="
    limit("compare 3 500 series, 10 runs a side", seconds(branches + "feature&limit=1000", "compared"), 0.3, "s",
          "≤ 300 ms")
    limit("compare 3 500 series, growth of httpd's child",
          memory_growth(lambda: curl(branches + "feature&limit=1&dimensions[Op]=Op+1", host="compared", times=20),
                        lambda: curl(branches + "feature&limit=1000", host="compared")),
          32 * 1048576, "MB", "≤ 32 MB")
    limit(f"compare the newest runs of two branches, of {RUNS} runs", seconds(branches + "release"), 0.3, "s",
          "≤ 300 ms")


def changed():
    body = ('{"metric_fields":["throughput","latency_ms"],'
            '"group_by":["Op","Backend:Stage","Model","batch_size","seq_len"]}')
    limit("changes of 3 500 series of 100 points", seconds("/configs/1/metrics/changes", "changed", body), 1, "s",
          "≤ 1 s")
    limit(f"GET changes of the last 30 days, of {RUNS} runs", seconds("/configs/1/changes?since=2025-12-02T00:00:00Z"),
          1, "s", "≤ 1 s")


def counts():
    keys = "SELECT DISTINCT jsonb_object_keys(m.{0}) " + LARGE_CONFIG
    pairs = ("SELECT {0} FROM github_workflow_metrics m, LATERAL jsonb_each_text(m.dimensions) d"
             " WHERE m.config_id = 1")
    number = "(CASE WHEN f.value <> 'N/A' THEN f.value END)::numeric"
    plain = {
        "stats": ("SELECT status, count(*) FROM github_workflow_runs WHERE config_id = 1 GROUP BY 1",
                  f"SELECT count(*) {LARGE_CONFIG}"),
        "summary": (
            """SELECT count(*), count(DISTINCT m.run_id), min(m."timestamp"), max(m."timestamp"),"""
            f" count(DISTINCT m.source_file) {LARGE_CONFIG}",
            f"SELECT f.key, count({number}), min({number}), max({number}), avg({number}), sum({number}),"
            f" stddev({number}) FROM github_workflow_metrics m, LATERAL jsonb_each_text(m.metrics) f"
            " WHERE m.config_id = 1 GROUP BY 1",
            pairs.format("d.key, count(DISTINCT d.value)") + " GROUP BY 1"),
        "dimensions": (pairs.format("DISTINCT d.key, d.value"),),
        "fields": (keys.format("dimensions"), keys.format("metrics")),
    }
    for name, statements in plain.items():
        compare(f"GET /configs/1/{name} (the plain counts and DISTINCTs)", request_time(f"/configs/1/{name}"),
                query_time(*statements, database=MAIN), "s", faster=50)


def insert():
    script = os.path.join(DIR, "insert.pgbench")
    with open(script, "w", encoding="utf-8") as file:
        file.write(insert_script("scratch_plain"))
    migrated, plain = "scratch_migrated", "scratch_plain"
    for name, commit, per_day, maintained in (("waiting for the disk", "on", 55, True),
                                         ("not waiting for the disk", "off", 55, True),
                                         ("waiting for the disk, 4 runs a day", "on", 4, True),
                                         ("no module", "on", 55, False)):
        for database in (migrated, plain):
            query_value(f"ALTER DATABASE {database} SET synchronous_commit = {commit}", "postgres")
        if not maintained:  # what writers leave to the module for a while is there already
            for _ in range(3):
                insert_time(script, migrated, per_day, False)()
        compare(f"INSERT of a run's 68 rows, {name} (without summaries)",
                insert_time(script, migrated, per_day, maintained), insert_time(script, plain, per_day, False),
                "s", at_most=1.5)


def all_reads():
    """Every read of the API on every config, in an order that is random and always the same."""
    month = f"start={MONTH[0]}&end={MONTH[1]}"
    dates = f'"start":"{MONTH[0]}","end":"{MONTH[1]}"'
    lines = []
    for config in range(1, 21):
        own = f"GET {PREFIX}/configs/{config}"
        post = f"POST {PREFIX}/configs/{config}/metrics"
        lines += [own, f"{own}/runs", f"{own}/schemas", f"{own}/schemas/active", f"{own}/metrics", f"{own}/stats",
                  f"{own}/summary", f"{own}/summary?{month}", f"{own}/dimensions", f"{own}/dimensions/Op/values",
                  f"{own}/dimensions/Backend%3AStage/values?{month}", f"{own}/fields", f"{own}/export?limit=1000",
                  f"GET {PREFIX}/configs", f"GET {PREFIX}/schemas/{config}", f"GET {PREFIX}/runs",
                  f"GET {PREFIX}/runs?status=failed", f"GET {PREFIX}/runs?start_date={MONTH[0]}",
                  f"GET {PREFIX}/runs/{config}", f"GET {PREFIX}/runs/{config}/metrics",
                  f'{post}/query {{{dates},"dimensions":{{"Op":["GEMM"]}},"limit":20}}',
                  f'{post}/aggregate {{{dates},"metric_field":"throughput","group_by":["Op"]}}',
                  f'{post}/trends {{{dates},"metric_fields":["throughput"],"group_by":["Op"]}}']
    random.Random(1).shuffle(lines)
    return lines


def mix():
    lines = all_reads()
    for line in lines:  # a request that fails by itself says nothing about load
        _, path, *body = line.split(" ", 2)
        curl(path.removeprefix(PREFIX), *body)
    rounds = [(load(lines, 8, SECONDS), load(lines, 64, SECONDS)) for _ in range(REPEATS)]
    few, many = zip(*rounds)

    def median(loads, name):
        return statistics.median(getattr(one, name) for one in loads)

    def errors(loads):
        return sum(one.refused + one.lost for one in loads), sum(one.requests for one in loads)
    ratio = statistics.median(b.good_rate / a.good_rate for a, b in rounds)
    table.add("all reads mixed, 64 clients, good answers a second (8 clients)",
              text_of(median(many, "good_rate"), "/s"), text_of(median(few, "good_rate"), "/s"), f"{ratio:.2f}",
              "≥ 1", "yes" if ratio >= 1 else "no")
    ratio = statistics.median(one.p99 / one.p50 for one in many)
    table.add("all reads mixed, 64 clients, p99 (p50)", text_of(median(many, "p99"), "s"),
              text_of(median(many, "p50"), "s"), f"{ratio:.1f}", "≤ 4", "yes" if ratio <= 4 else "no")
    failed, requests = errors(many)
    table.add("all reads mixed, 64 clients, errors (8 clients)", f"{failed} of {requests}",
              "{} of {}".format(*errors(few)), "", "0", "yes" if failed == 0 else "no")


def orientation():
    """A well-made Go service. Where it runs here it is measured; else its figures are those of another
    machine of the same kind, as far as there are any."""
    api, writes = f"{PREFIX}/", "scratch_migrated"
    restart_child()  # what it holds is then of the same requests as the service's
    service = "(Go service)" if GO_URL else "(Go service, elsewhere)"

    def beside(measure, sampler, published, unit, **target):
        if GO_URL or published:
            compare(f"{measure} {service}", sampler(URL), sampler(GO_URL) if GO_URL else lambda: published, unit,
                    **target)

    def rate(measure, lines, published, **options):
        beside(measure, lambda url: request_rate(*lines, url=url, **options), published, "/s", at_least=1)

    query_value(f"ALTER DATABASE {writes} SET synchronous_commit = off", "postgres")
    query_value("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                f" WHERE datname = '{writes}' AND usename = 'wfmetrics'", writes)
    active = [f"GET {api}configs/{config}/schemas/active" for config in range(1, 21)]
    patches = [f'PATCH {api}configs/{config} {{"description":"patched {n}"}}'
               for n in range(2) for config in range(1, 21)]
    rate("GET schemas/active, 8 clients", active[:1], 15300)
    rate("GET schemas/active, of 20 configs in turn, 8 clients", active, None)
    rate("GET /runs, 8 clients", [f"GET {api}runs"], 600)
    rate("PATCH, 8 clients, not waiting for the disk", patches, 11700, host="write")
    rate("exports of 10 000 rows, 8 clients", [f"GET {api}configs/1/export?limit=10000"], 117)
    large = "/configs/1/export?limit=100000"
    rows = fetch(large + "&format=ndjson").count("\n")
    beside(f"export of {rows} rows", lambda url: request_time(large, url=url), 0.10, "s", at_most=1)
    beside(f"export of {rows} rows, first byte", lambda url: first_byte(large, "/configs/1/export?limit=10", 5, url),
           0.003, "s", at_most=1)
    compare(f"httpd's child, resident at its peak {service}", resident,
            lambda: peak(int(os.environ["BENCH_GO_PID"])) if GO_URL else 79 * 1048576, "MB", at_most=1)


GROUPS = {"endpoints": endpoints, "runs": runs, "repositories": repositories, "values": values, "export": export,
          "charts": charts, "compare": compared, "changes": changed, "counts": counts, "insert": insert, "writers": writers.writers, "deleted": kept.deleted,
          "distinct": kept.distinct, "space": kept.space, "results": results.results, "page": page.page,
          "mix": mix, "orientation": orientation}


def main():
    chosen = os.environ.get("BENCH_ONLY", "").split() or list(GROUPS)
    unknown = [name for name in chosen if name not in GROUPS]
    if unknown:
        sys.exit(f"BENCH_ONLY: no group {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    for name in chosen:
        print(f"{name}:", flush=True)
        try:
            GROUPS[name]()
        except Failed as failure:
            table.add(name, str(failure), "", "", "", "no")
    table.print()


try:
    main()
except KeyboardInterrupt:
    sys.exit(130)
