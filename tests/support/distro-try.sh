#!/bin/bash
# distro-try.sh - on a fresh system: what the README says, as a stranger does it, and what he looks at.
#
# distros.sh runs it in the systems that it makes. It changes the system that it runs on. Its lines
# "TRY what: value" are the table's; the last line is "TRY passed", or it did not pass.
set -eu

cd "$(dirname "$0")/../.."
LOG=$(mktemp)
sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo

say() {
    printf 'TRY %s\n' "$*"
}

version_of() {
    # shellcheck disable=SC2016 # dpkg's variable
    dpkg-query -W -f='${Version} ${db:Status-Status}\n' "$@" 2>/dev/null | sed -n 's/ installed$//p' |
        sed 's/^[0-9]*://; s/[-+].*//' | head -n 1
}

# A host that only builds, down to `make install`, has no server and none of the tests' libraries.
try_build() {
    make deps-build
    make -j "$(nproc)"
    make install DESTDIR="$PWD/build/a root"
    ! command -v psql initdb || return 1
    ! ls -d /usr/lib/postgresql/*/bin/initdb /usr/include/CUnit /usr/include/csv.h 2>/dev/null || return 1
    strings build/mod_wfmetrics.so | grep '^mod_wfmetrics/'
}

demo_says() {
    local i
    for ((i = 0; i < 1800; i++)); do
        ! grep -q "$1" "$LOG" || return 0
        kill -0 "$2" 2>/dev/null || return 1
        sleep 0.5
    done
    return 1
}

# In the foreground of its own job, which Ctrl-C (SIGINT to the job) ends, also where all of this runs
# behind a shell's &, which has it ignored.
try_demo() {
    local api=http://127.0.0.1:$PORT/v1/github-workflow-metrics job status=0
    set -m
    env --default-signal=INT make demo >"$LOG" 2>&1 &
    job=$!
    set +m
    demo_says 'Ctrl-C stops both servers' "$job" || status=1
    if [ $status -eq 0 ]; then
        curl -fsS "$api/health" && curl -fsS "$api/runs?limit=1" && curl -fsS "$api/configs/1/export?limit=2" || status=1
    fi
    kill -INT -- "-$job" || status=1
    wait "$job" || true
    cat "$LOG"
    ! (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null || status=1
    ! grep -iE 'not found|no such file|permission denied' "$LOG" || status=1
    grep -q 'Both servers are stopped' "$LOG" || status=1
    # The package of PostgreSQL's server makes a cluster of its own, if it may.
    [ -z "$(pg_lsclusters -h)" ] && [ ! -e /etc/postgresql-common/createcluster.d/mod_wfmetrics-deps.conf ] || status=1
    return $status
}

# passed FIRST LAST: tests passed/total of CUnit's summaries from one to another
passed() {
    awk -v first="$1" -v last="$2" '$1 == "tests" && ++seen >= first && seen <= last { good += $4; all += $2 }
        END { print good + 0 "/" all + 0 }' "$LOG"
}

try_check() {
    local status=0
    make -j "$(nproc)" check >"$LOG" 2>&1 || status=$?
    cat "$LOG"
    say "unit: $(passed 1 1)"
    say "integration: $(passed 2 3)" # they run in two halves
    return $status
}

failed=0

# try NAME: run it, whatever became of the one before it. (In a condition, set -e would be off.)
try() {
    local status
    echo "=== $1"
    set +e
    (
        set -e
        "try_$1"
    )
    status=$?
    set -e
    if [ $status -eq 0 ]; then
        say "$1: passed"
    else
        say "$1: failed"
        failed=1
    fi
}

echo "=== the README's first line"
$sudo apt-get update -q
$sudo apt-get install -y -q make
try build
try demo
try check
say "httpd: $(version_of apache2-bin)"
say "PostgreSQL: $(version_of 'postgresql-[0-9]*')"
say "json-c: $(version_of 'libjson-c[0-9]*')"
say "libpq: $(version_of libpq5)"
[ $failed -eq 0 ] && say passed
