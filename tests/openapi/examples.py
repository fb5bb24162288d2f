#!/usr/bin/env python3
"""examples.py API-URL - runs every example of docs/api.md, in their order, against the demo.

An example is a line that begins with "$ " in a block, with those that go on with it, and what is shown
below. Every answer that curl gets must be one that the description allows; what is shown must be of the
same kind: as JSON it must be valid, and, where it is shortened, name no key that the answer lacks.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse

from described import Description

# What cannot be run on a demo that is well, each with the reason.
NOT_RUN = {
    "# PostgreSQL is stopped": "the demo's PostgreSQL runs",
    "--limit-rate": "somebody would have to kill a session in the middle of the answer",
}

# curl as the examples call it, which notes what it got.
CURL = """#!/bin/bash
body=$(mktemp "$RECORD/body.XXXXXX") headers=$(mktemp "$RECORD/headers.XXXXXX")
include=
for arg; do case $arg in -[a-zA-Z]*i*) include=1 ;; esac; done
args=()
for arg; do case $arg in -si) args+=(-s) ;; -sI) args+=(-s -I) ;; *) args+=("$arg") ;; esac; done
"$REAL_CURL" "${args[@]}" -o "$body" -D "$headers" \\
    -w '%{method}\\t%{http_code}\\t%{content_type}\\t%{url_effective}\\t'"$body"'\\n' >>"$RECORD/exchanges"
status=$?
[ -z "$include" ] || tr -d '\\r' <"$headers"
cat "$body"
exit $status
"""


def examples(text):
    """(line number, command, what is shown) of each example."""
    found, block = [], None
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("```"):
            block = None if block is not None else []
        elif block is not None and line.startswith("$ "):
            found.append([number, line[2:], []])
            block.append(line)
        elif block:
            command = found[-1][1]
            if not found[-1][2] and (command.count("'") % 2 or command.count('"') % 2 or command.endswith("\\")):
                found[-1][1] += "\n" + line
            else:
                found[-1][2].append(line)
    return found


def run(command, record, environment):
    open(os.path.join(record, "exchanges"), "w").close()
    done = subprocess.run(["bash", "-c", command], env=environment, cwd=record, capture_output=True, text=True, timeout=60)
    exchanges = [line.split("\t") for line in open(os.path.join(record, "exchanges")).read().splitlines()]
    return done.stdout, exchanges


# What differs from one demo to the next, and is used again: tags and cursors.
CHANGING = re.compile(r'"[0-9]+-[0-9a-f]{16}"|"[0-9a-f]{16}"|\bMSA[\w=-]{20,}')


def keys_of(value):
    if isinstance(value, dict):
        for key, member in value.items():
            yield key
            yield from keys_of(member)
    elif isinstance(value, list):
        for member in value:
            yield from keys_of(member)


def body_of(shown):
    """The part of what is shown that is JSON."""
    lines = [line for line in shown if not re.match(r"^(HTTP/|[A-Z][\w-]+: |$)", line)]
    return "".join(lines)


def shown_fault(description, exchange, shown, known):
    """Is what is shown an answer of that kind?"""
    method, status, media, url, body = exchange
    text = body_of(shown)
    if not text.startswith("{") or not media.startswith("application/json"):
        return None
    code = re.match(r'\{"meta":\{"code":(\d+)', text)
    if code and int(code.group(1)) // 10 not in (int(status), 200 if status in ("201", "202") else 0):
        return f"shows code {code.group(1)}, and the status is {status}"
    if "…" not in text:
        path = urllib.parse.urlsplit(url).path.split("/github-workflow-metrics", 1)[-1] or "/"
        return description.fault(method, path, int(status), media, text)
    names = set(re.findall(r'"(\w+)":', text))
    unknown = names - set(keys_of(json.load(open(body)))) - known
    return f"shows {', '.join(sorted(unknown))}, which nothing answers" if unknown else None


def main():
    api = sys.argv[1]
    port = urllib.parse.urlsplit(api).port
    record = tempfile.mkdtemp(prefix="wfm-examples.")
    text = open(os.path.join(os.path.dirname(__file__), "../../docs/api.md"), encoding="utf-8").read()
    real = subprocess.run(["which", "curl"], capture_output=True, text=True, check=True).stdout.strip()
    description = Description(json.loads(subprocess.run([real, "-s", api + "/openapi.json"], capture_output=True).stdout))
    known = set(re.findall(r'"(\w+)":\{', json.dumps(description.document["components"], separators=(",", ":"))))
    with open(os.path.join(record, "curl"), "w") as wrapper:
        wrapper.write(CURL)
    os.chmod(os.path.join(record, "curl"), 0o755)
    environment = {**os.environ, "PATH": record + ":" + os.environ["PATH"], "RECORD": record, "REAL_CURL": real,
                   "API": api, "JSON": "Content-Type: application/json"}
    changed, faults, count, answers = {}, [], 0, 0
    for number, command, shown in examples(text):
        if any(mark in command for mark in NOT_RUN):
            continue
        count += 1
        for old, new in changed.items():
            command = command.replace(old, new)
        command = command.replace(":8080/", f":{port}/")
        output, exchanges = run(command, record, environment)
        changed.update(zip(CHANGING.findall("\n".join(shown)), CHANGING.findall(output)))
        for exchange in exchanges:
            method, status, media, url, body = exchange
            path = urllib.parse.urlsplit(url).path.split("/github-workflow-metrics", 1)[-1] or "/"
            answers += 1
            fault = None if method == "OPTIONS" else description.fault(
                method, path, int(status), media, open(body, encoding="utf-8").read())
            if not fault and len(exchanges) == 1 and method not in ("OPTIONS", "HEAD"):
                fault = shown_fault(description, exchange, shown, known)
            if fault:
                faults.append(f"docs/api.md:{number}: {method} {path} ({status}): {fault}\n  $ {command}\n  {output[:400]}")
        if not exchanges and "curl" in command:  # others make what the next one sends
            faults.append(f"docs/api.md:{number}: no answer\n  $ {command}")
    print("\n".join(faults + [f"examples.py: {count} examples, {answers} answers, {len(faults)} faults"]))
    sys.exit(1 if faults or count < 50 else 0)


main()
