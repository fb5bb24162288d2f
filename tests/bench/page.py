"""page.py - the page in a browser: how much the first view takes, and whether Explore keeps pace with the API."""
import json
import os
import statistics

from clients import Failed, request_time, run
from table import REPEATS, in_turn, limit, table, text_of

SHARE, ALLOWED = 1.05, 0.1  # times, and seconds: what nobody notices


def in_browser(what, address, times):
    return json.loads(run(["node", os.path.join(os.path.dirname(os.path.abspath(__file__)), "page.mjs"), what,
                           address, str(times)]))


def explore(address, rows):
    """Whatever the browser has beyond the API's own time is the page's."""
    question = '"metric_fields":["throughput"],"group_by":["Model"]'
    asked = {"chart": request_time("/configs/1/metrics/trends", f'{{{question},"interval":"1d"}}'),
             "changes": request_time("/configs/1/metrics/changes", f'{{{question},"min_change":2}}')}
    rounds = in_turn(lambda: in_browser("explore", address, 1), *asked.values())
    for place, (name, drawn) in enumerate((("chart", "its chart drawn (trends)"),
                                           ("changes", "its change points (trends, then changes)")), 1):
        mine = statistics.median(r[0][name] / 1000 for r in rounds)
        api = statistics.median(sum(r[1:place + 1]) for r in rounds)
        table.add(f"Explore of {rows} rows, {drawn}", text_of(mine, "s"), text_of(api, "s"), f"{mine / api:.2f}",
                  "≤ 5 % and 100 ms more", "yes" if mine <= api * SHARE + ALLOWED else "no")


def page():
    port = os.environ.get("BENCH_PAGE_PORT")
    if port is None:
        raise Failed("Chromium or node is not installed")
    first = in_browser("first", f"http://127.0.0.1:{port}/wfmetrics/", REPEATS)
    limit("the page's first view, requests until its configs are there", first["requests"], 12, "", "≤ 12")
    limit("the page's first view, bytes on the wire", first["bytes"] / 1024, 150, "KB", "≤ 150 KB")
    limit("the page's first view, usable, with a quarter of the processor", first["ready"] / 1000, 1, "s", "≤ 1 s")
    rows = int(os.environ["BENCH_RUNS"]) * 68 * 2 // 5
    explore(f"http://main.bench:{port}/wfmetrics/", rows)
