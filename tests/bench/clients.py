"""clients.py - the clients that measure: curl, wrk, psql and pgbench, each one call, each one figure.

Times are seconds. What does not answer as it should raises Failed.
"""
import os
import re
import signal
import statistics
import subprocess
import time

URL = os.environ["BENCH_URL"]
GO_URL = os.environ.get("BENCH_GO_URL")  # None: the Go service is not there
BASE = "/v1/github-workflow-metrics"
DIR = os.environ["BENCH_DIR"]
HTTPD_PID = int(os.environ["BENCH_HTTPD_PID"])
TEMPLATE = "%{http_code} %{time_starttransfer} %{time_total} %{size_download}\n"


class Failed(Exception):
    """A measure that has no figure; the text says why."""


def run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, **options)
    if done.returncode:
        raise Failed(f"{command[0]}: {(done.stderr.strip() or done.stdout.strip())[-200:]}")
    return done.stdout


class Transfer:
    def __init__(self, line):
        code, first, total, size = line.split()
        self.status, self.first, self.total, self.size = int(code), float(first), float(total), int(size)


def transfers(paths, body=None, host="main", url=URL):
    """Requests one after the other, on one connection."""
    requests = "".join(f'url = "{url}{BASE}{path}"\noutput = "/dev/null"\n' for path in paths)
    command = ["curl", "-sg", "-K", "-", "-H", f"Host: {host}.bench", "-w", TEMPLATE]
    if body is not None:
        command += ["-H", "Content-Type: application/json", "--data-binary", body]
    done = [Transfer(line) for line in run(command, input=requests).splitlines()]
    for transfer in done:
        if transfer.status != 200:
            raise Failed(f"HTTP {transfer.status}")
    return done


def curl(path, body=None, host="main", times=1, url=URL):
    """The same request, `times` times on one connection."""
    return transfers([path] * times, body, host, url)


def fetch(path):
    return run(["curl", "-sgf", URL + BASE + path])


def request_time(path, body=None, host="main", url=URL):
    """A sampler: the median time of a request, over half a second of them. The first sample, which
    warms up, finds out how many those are."""
    times = []

    def sample():
        if not times:
            once = min(curl(path, body, host, url=url)[0].total for _ in range(2))
            times.append(max(1, min(200, int(0.5 / once))))
            return once
        return statistics.median(t.total for t in curl(path, body, host, times[0], url))
    return sample


def query_time(*statements, database):
    """A sampler: psql's own timing of statements that run one after the other."""
    command = ["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", database, "-o", "/dev/null",
               "-c", r"\timing on"]
    for statement in statements:
        command += ["-c", statement]

    def sample():
        return sum(map(float, re.findall(r"^Time: ([0-9.]+) ms", run(command), re.M))) / 1000
    return sample


def copied_rows(statement, database):
    """How many rows a COPY writes."""
    output = run(["psql", "-X", "-d", database, "-c", statement])
    return int(re.search(r"^COPY ([0-9]+)", output, re.M).group(1))


def query_value(statement, database):
    return run(["psql", "-XAtq", "-d", database, "-c", statement]).strip()


class Load:
    """What wrk counted."""

    def __init__(self, output):
        numbers = re.search(r"^figures (.*)$", output, re.M).group(1).split()
        requests, microseconds, self.refused, self.lost, p50, p99 = map(int, numbers)
        self.requests, self.seconds = requests, microseconds / 1e6
        self.p50, self.p99 = p50 / 1e6, p99 / 1e6
        self.rate = requests / self.seconds
        self.good_rate = (requests - self.refused) / self.seconds


def load(lines, clients, seconds, host="main", url=URL):
    """Requests ("METHOD PATH [BODY]", complete paths) from as many connections at once."""
    wait_for_quiet()
    path = os.path.join(DIR, "requests")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    lua = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wrk.lua")
    return Load(run(["wrk", "-t", "1", "-c", str(clients), "-d", f"{seconds}s", "--timeout", "60s",
                     "-H", f"Host: {host}.bench", "-s", lua, url, "--", path]))


def request_rate(*lines, host="main", url=URL):
    """A sampler: answers a second to 8 connections, all of them good."""
    def sample():
        result = load(lines, 8, 3, host, url)
        if result.lost or result.refused:
            raise Failed(f"{result.refused} of {result.requests} refused, {result.lost} lost")
        return result.rate
    return sample


def maintain(database, config=1):
    """What the module does every minute, of a config."""
    for call in ("wfm_maintain()", f"wfm_maintain({config})"):
        while query_value(f"SELECT {call}", database) == "t":
            pass


def backend_time(script, database, prepare=""):
    """How long a processor was busy with the statements of a psql script, in PostgreSQL's process of this session:
    as the kernel counts it, in nanoseconds, so whatever else the machine does. (Waiting is no part of it.)"""
    clock = r"\echo :cpu" + "\n"
    read = "SELECT split_part(pg_read_file('/proc/self/schedstat', 0, 100), ' ', 1) AS cpu \\gset\n"
    output = run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database],
                 input=prepare + "\n" + read + clock + script + "\n" + read + clock)
    before, after = output.split()
    return (int(after) - int(before)) / 1e9


def insert_script(database):
    """The collector's INSERT, for pgbench."""
    here = os.path.dirname(os.path.abspath(__file__))
    return run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", os.path.join(here, "insert.sql")])


RUNS_INSERTED = {}


def insert_time(script, database, per_day, maintained):
    """A sampler: mean time of a pgbench script's transaction; each sample goes on where the one before ended.
    maintained: what the module does every minute is done before each sample."""
    transactions = 330

    def sample():
        before = RUNS_INSERTED.get(database, 0)
        RUNS_INSERTED[database] = before + transactions
        if maintained:
            maintain(database)
        output = run(["pgbench", "-n", "-c", "1", "-t", str(transactions), "-M", "simple", "-D", f"n={before}",
                      "-D", f"per_day={per_day}", "-f", script, database])
        return float(re.search(r"latency average = ([0-9.]+) ms", output).group(1)) / 1000
    return sample


def statements_sent(path, database):
    """Statements that the module sends for one request, as pg_stat_statements counts them."""
    times = 20
    calls = ("SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s"
             " JOIN pg_database d ON d.oid = s.dbid JOIN pg_roles r ON r.oid = s.userid"
             " WHERE d.datname = current_database() AND r.rolname = 'wfmetrics'"
             " AND query NOT LIKE '%wfm_maintain%' AND query NOT LIKE '%FROM wfm_marks%'"
             " AND query NOT SIMILAR TO 'SELECT set_config\\([^()]*\\)'")
    curl(path)  # a new connection is set up
    before = int(query_value(calls, database))
    curl(path, times=times)
    return (int(query_value(calls, database)) - before) / times


def children():
    with open(f"/proc/{HTTPD_PID}/task/{HTTPD_PID}/children", encoding="ascii") as file:
        return [int(pid) for pid in file.read().split()]


def memory(pid, name):
    """VmRSS or VmHWM of a process, in bytes."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(rf"^{name}:\s+([0-9]+) kB", file.read(), re.M).group(1)) * 1024


def peak(pid):
    return memory(pid, "VmHWM")


def resident():
    return max(peak(pid) for pid in children())


def restart_child():
    """A graceful restart; the new child's process id."""
    old = children()
    os.kill(HTTPD_PID, signal.SIGUSR1)
    deadline = time.monotonic() + 30
    while len(children()) != 1 or children() == old:
        if time.monotonic() > deadline:
            raise Failed("httpd did not restart")
        time.sleep(0.05)
    return children()[0]


def memory_growth(warm_up, work):
    """How far a new child's peak during `work` lies above what it had after `warm_up`."""
    pid = restart_child()
    warm_up()
    before = memory(pid, "VmRSS")
    with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")  # the peak starts anew
    work()
    if children() != [pid]:
        raise Failed("httpd's child was replaced")
    return max(0, memory(pid, "VmHWM") - before)


def wait_for_quiet():
    """Until no client's statement runs: one whose client has left may take a moment to end."""
    deadline = time.monotonic() + 60
    busy = ("SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' AND state <> 'idle'")
    while query_value(busy, "postgres") != "0":
        if time.monotonic() > deadline:
            raise Failed("PostgreSQL does not come to rest")
        time.sleep(0.1)
