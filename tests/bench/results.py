"""results.py - what comes in by POST /configs/:id/results: a large file, slow clients, many small ones."""
import json
import os
import random
import re
import socket
import statistics
import time

from clients import (BASE, DIR, GO_URL, URL, Failed, children, load, memory_growth, query_value, request_rate,
                     restart_child, run)
from table import REPEATS, compare, limit, table, text_of

DATABASE = "scratch_results"  # nothing but configs, schemas and some runs
ROWS = 500000
DIMENSIONS = ("Op", "Backend:Stage", "Model", "batch_size", "seq_len", "gpu")
METRICS = ("throughput", "latency_ms", "memory_gb")


def values(rows):
    """What looks random is the same each time."""
    noise = random.Random(1)
    for n in range(rows):
        yield (("GEMM", "Attention", "GEMM-FP8")[n % 3], ("Hipblaslt:Fwd", "Aiter/CK:Bwd")[n % 2],
               f"Llama-3.1-{n % 9}B", 1 << n % 8, 1024 << n % 5, f"gpu-{n % 8}",
               round(noise.uniform(157, 1103), 2), round(noise.uniform(0.2, 99), 4), round(noise.uniform(1, 192), 1))


def write_csv(name, rows):
    path = os.path.join(DIR, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(",".join(DIMENSIONS + METRICS) + "\n")
        file.writelines(",".join(map(str, row)) + "\n" for row in values(rows))
    return path


def write_rows(name, rows):
    """The same, prepared for psql's copy into the table."""
    path = os.path.join(DIR, name)
    with open(path, "w", encoding="utf-8") as file:
        for row in values(rows):
            dimensions = json.dumps(dict(zip(DIMENSIONS, row)), separators=(",", ":"))
            metrics = json.dumps(dict(zip(METRICS, row[len(DIMENSIONS):])), separators=(",", ":"))
            file.write(f"1\t1\t1\t2025-06-01T00:00:00Z\tbench.csv\t{dimensions}\t{metrics}\t\\N\n")
    return path


def declare_columns():
    query_value(
        "UPDATE github_workflow_metric_schemas SET dimension_fields = '{}', metric_fields = '{}', fields ="
        " (SELECT jsonb_agg(jsonb_build_object('name', n, 'type', 'string')) FROM jsonb_array_elements('{}'::jsonb) n)"
        " WHERE config_id = 1".format(json.dumps(DIMENSIONS), json.dumps(METRICS), json.dumps(DIMENSIONS + METRICS)),
        DATABASE)


def empty():
    query_value("TRUNCATE github_workflow_metrics", DATABASE)


def send(path, run_id=1):
    """Seconds that it took."""
    status, seconds = run(
        ["curl", "-sS", "-X", "POST", "-H", "Host: results.bench", "-H", "Content-Type: text/csv", "-T", path,
         "-o", os.path.join(DIR, "answer"), "-w", "%{http_code} %{time_total}",
         f"{URL}{BASE}/configs/1/results?github_run_id={run_id}&source_file=bench.csv"]).split()
    if status not in ("200", "201"):
        with open(os.path.join(DIR, "answer"), encoding="utf-8") as file:
            raise Failed(f"HTTP {status}: {file.read(200)}")
    return float(seconds)


def sent(path):
    def sample():
        empty()
        return send(path)
    return sample


def copied(path):
    copy = (r"\copy github_workflow_metrics (config_id, run_id, schema_id, timestamp, source_file, dimensions, metrics,"
            f" raw_data) FROM '{path}'")

    def sample():
        empty()
        output = run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", DATABASE, "-c", r"\timing on", "-c", copy])
        return float(re.search(r"^Time: ([0-9.]+) ms", output, re.M).group(1)) / 1000
    return sample


def large():
    path, rows = write_csv("results.csv", ROWS), write_rows("results.rows", ROWS)
    small = write_csv("small.csv", 68)
    compare(f"POST of a CSV of {ROWS} rows, {os.path.getsize(path) / 1048576:.0f} MB (psql's COPY of the rows as JSONB)",
            sent(path), copied(rows), "s", at_most=2)
    empty()
    limit(f"POST of a CSV of {ROWS} rows, growth of httpd's child",
          memory_growth(lambda: [send(small, n) for n in range(2, 22)], lambda: send(path)), 8 * 1048576, "MB", "≤ 8 MB")
    empty()


def connections_in_use():
    figures = run(["curl", "-sf", "-H", "Host: results.bench", f"{URL}{BASE}/metrics/prometheus"])
    return int(re.search(r'^wfmetrics_connections_in_use\{cluster="results"\} ([0-9]+)$', figures, re.M).group(1))


def slow():
    """A byte a second each, for three seconds."""
    restart_child()
    host, port = URL.removeprefix("http://").split(":")
    clients = [socket.create_connection((host, int(port))) for _ in range(20)]
    in_use = []
    for n, client in enumerate(clients):
        client.sendall(f"POST {BASE}/configs/1/results?github_run_id={100 + n}&source_file=slow.csv HTTP/1.1\r\n"
                       "Host: results.bench\r\nContent-Type: text/csv\r\nContent-Length: 1000\r\n\r\n".encode())
    for byte in b"Op,":
        for client in clients:
            client.sendall(bytes((byte,)))
        time.sleep(1)
        in_use += [connections_in_use() for _ in range(5)]
    seconds = send(write_csv("small.csv", 68), 200)
    for client in clients:
        client.close()
    limit("20 clients that send a byte a second: connections that they hold", min(in_use), 0, "", "0")  # maintenance has one now and then
    limit("and meanwhile a POST of 68 rows", seconds, 1, "s", "≤ 1 s")


def busy(pid):
    """Seconds that a processor was busy with a process, and with those that it started: the ones that are over, too."""
    def fields(process):
        with open(f"/proc/{process}/stat", encoding="ascii") as file:
            return [int(field) for field in file.read().rsplit(")", 1)[1].split()[1:15]]
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        started = file.read().split()
    ticks = sum(fields(pid)[10:14]) + sum(sum(fields(child)[10:12]) for child in started)
    return ticks / os.sysconf("SC_CLK_TCK")


def postmaster():
    checkpointer = query_value("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'", DATABASE)
    with open(f"/proc/{checkpointer}/stat", encoding="ascii") as file:
        return int(file.read().rsplit(")", 1)[1].split()[1])


def processor_time(line, url, server):
    """A sampler: what a request takes of the processors, by the server and by PostgreSQL."""
    processes = (server, postmaster())

    def sample():
        empty()
        before = sum(map(busy, processes))
        result = load([line], 8, 3, "results", url)
        if result.lost or result.refused:
            raise Failed(f"{result.refused} of {result.requests} refused, {result.lost} lost")
        return (sum(map(busy, processes)) - before) / result.requests
    return sample


def rate(line, url):
    """A sampler. What is there already is the module's to summarize meanwhile, so nothing is."""
    sample = request_rate(line, host="results", url=url)

    def emptied():
        empty()
        return sample()
    return emptied


def small_ones():
    query_value(f"ALTER DATABASE {DATABASE} SET synchronous_commit = off", "postgres")
    query_value("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                f" WHERE datname = '{DATABASE}' AND usename = 'wfmetrics'", DATABASE)
    line = (f"POST {BASE}/configs/1/results?github_run_id={{n}}&source_file=summary.csv"
            f" @{write_csv('run.csv', 68)}")
    name = "POST of a run's 68 rows, 8 clients, not waiting for the disk"
    ours = rate(line, URL)
    ours()
    reached = statistics.median(ours() for _ in range(REPEATS))
    table.add(name, text_of(reached, "/s"), "", "", "≥ 500 /s", "yes" if reached >= 500 else "no")
    if GO_URL:
        compare(f"{name} (Go service)", ours, rate(line, GO_URL), "/s", at_least=1)
        compare("processor time of such a POST, PostgreSQL's with it (Go service)",
                processor_time(line, URL, children()[0]), processor_time(line, GO_URL, int(os.environ["BENCH_GO_PID"])),
                "s", at_most=1)


def results():
    declare_columns()
    large()
    slow()
    small_ones()
