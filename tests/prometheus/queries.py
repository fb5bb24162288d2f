"""queries.py URL ROOT - asks a Prometheus that scrapes the demo: has it what conf/prometheus wants?

Prints what it looked at; the exit code says whether all of it was in order.
"""
import json
import re
import sys
import time
import urllib.parse
import urllib.request

URL, ROOT = sys.argv[1:]
failures = []


def expect(ok, text):
    if not ok:
        failures.append(text)
        print("FAILED  " + text)


def ask(path, **query):
    url = f"{URL}/api/v1/{path}?{urllib.parse.urlencode(query)}"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]
    except urllib.error.HTTPError as error:
        return {"error": json.load(error)["error"], "result": []}


def value(expression):
    result = ask("query", query=expression)["result"]
    return float(result[0]["value"][1]) if len(result) == 1 else None


def wait_until(what, condition):
    for _ in range(120):
        try:
            if condition():
                return
        except OSError:
            pass  # it does not listen yet
        time.sleep(0.5)
    expect(False, f"waited in vain: {what}")


def read(path):
    with open(f"{ROOT}/{path}", encoding="utf-8") as file:
        return file.read()


def check_scrape():
    job = '{job="wfmetrics"}'
    wait_until("three scrapes", lambda: (value(f"count_over_time(up{job}[5m])") or 0) >= 3)
    target = ask("targets")["activeTargets"][0]
    expect(target["health"] == "up", f"the target is {target['health']}: {target['lastError']}")
    expect(value(f"min_over_time(up{job}[5m])") == 1, "a scrape failed")
    # what check.sh asked for
    for route, status, n in (("/configs", "2xx", 3), ("/configs/:id/export", "2xx", 1),
                             ("/configs/:id", "4xx", 1), ("other", "4xx", 1)):
        found = value(f'wfmetrics_requests_total{{route="{route}",status="{status}"}}')
        expect(found == n, f"{route} was asked {n} times with {status}, Prometheus has {found}")
    expect(value('wfmetrics_request_duration_seconds_count{route="/configs"}') == 3, "the histogram's count")
    expect(value('wfmetrics_request_duration_seconds_bucket{route="/configs",le="+Inf"}') == 3, "its last bucket")
    expect(value('wfmetrics_request_duration_seconds_bucket{route="/configs",le="60.0"}') == 3, "a bound's form")
    clusters = sorted(ask("label/cluster/values"))
    expect(clusters == ["mi300-west", "mi325-east"], f"the clusters are {clusters}")


def check_types():
    kinds = {"_total": "counter", "_bucket": "histogram", "_info": "info"}
    metadata = ask("metadata")
    for name in names():
        family = re.sub("_(bucket|sum|count)$", "", name)
        known = metadata.get(family) or metadata.get(re.sub("_(total|info)$", "", name)) or []
        expect(known and known[0]["help"], f"nothing is said of {name}")
        for ending, kind in kinds.items():
            if name.endswith(ending) and known:
                expect(known[0]["type"] == kind, f"{name} is a {known[0]['type']}")


def names():
    return [name for name in ask("label/__name__/values") if name.startswith("wfmetrics_")]


def check_named():
    """Every metric that is named somewhere is there, and every one that is there is documented."""
    there = set(names())
    for path in ("conf/prometheus/dashboard.json", "conf/prometheus/wfmetrics.rules.yml"):
        for name in set(re.findall(r"\bwfmetrics_[a-z_]+", read(path))):
            expect(name in there, f"{path} names {name}, which is not there")
    reference = set(re.findall(r"`(wfmetrics_[a-z_]+)`", read("docs/api.md")))
    families = {re.sub("_(bucket|sum|count)$", "", name) for name in there}
    expect(reference == families, f"docs/api.md and the answer differ: {sorted(reference ^ families)}")
    print(f"ok      {len(there)} metrics, each documented")


def check_dashboard():
    """Every query of the dashboard can be asked; those that need no traffic of a minute have an answer."""
    n = 0
    for panel in json.loads(read("conf/prometheus/dashboard.json"))["panels"]:
        for target in panel["targets"]:
            expression = target["expr"].replace("$cluster", ".*")
            expression = expression.replace("$__rate_interval", "1m").replace("$__range", "5m")
            answer = ask("query", query=expression)
            expect("error" not in answer, f"{panel['title']}: {answer.get('error')}")
            expect(answer["result"], f"{panel['title']}: no data for {expression}")
            n += 1
    print(f"ok      {n} queries of the dashboard")


def check_rules():
    wait_until("the rules are evaluated", lambda: all(
        rule["health"] != "unknown" for group in ask("rules")["groups"] for rule in group["rules"]))
    rules = [rule for group in ask("rules")["groups"] for rule in group["rules"]]
    expect(len(rules) >= 8, f"there are {len(rules)} rules")
    for rule in rules:
        expect(rule["health"] == "ok", f"{rule['name']}: {rule.get('lastError')}")
        expect(rule["state"] == "inactive", f"{rule['name']} is {rule['state']} where all is well")
    print(f"ok      {len(rules)} alert rules")


check_scrape()
check_types()
check_named()
check_dashboard()
check_rules()
sys.exit(1 if failures else 0)
