#!/bin/bash
# bench.sh - the benchmark: makes the data sets, starts both servers, has measure.py measure, and
# stops the servers, also after Ctrl-C.
#
# Everything lies below build/bench; the data sets are kept from run to run. A change of the
# PostgreSQL settings, the data or the migrations makes them anew.
#
# Environment:
#   BENCH_RUNS     runs in the data set (50000), each with 68 metric rows
#   BENCH_REPEATS  repetitions of which the median counts: 3, 5, … (5)
#   BENCH_PAIRS    repetitions where a small difference counts: 3, 5, … (15)
#   BENCH_SECONDS  duration of each mixed load, of 8 and of 64 clients in turn (30)
#   BENCH_ONLY     measure only the groups named: endpoints runs values export charts
#                  compare changes counts insert writers deleted distinct space results page mix orientation
set -eu

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
BENCH=$ROOT/tests/bench
DIR=$ROOT/build/bench
SERVERS=$ROOT/tests/support/servers.sh
# Of a cluster, for this module and for the Go service: three for each of two processors.
CONNECTIONS=6
export BENCH_RUNS=${BENCH_RUNS:-50000} BENCH_REPEATS=${BENCH_REPEATS:-5} BENCH_PAIRS=${BENCH_PAIRS:-15}
export BENCH_SECONDS=${BENCH_SECONDS:-30}

# /usr/sbin is not in everyone's PATH.
PATH=$PATH:/usr/sbin

# Fits a machine with 4 GB or more; the rest are PostgreSQL's defaults.
SETTINGS="shared_buffers=1GB effective_cache_size=3GB fsync=on synchronous_commit=on
    full_page_writes=on max_wal_size=8GB checkpoint_timeout=30min random_page_cost=1.1
    shared_preload_libraries=pg_stat_statements"

say() {
    printf '%s\n' "$*"
}

die() {
    printf '%s\n' "$*" >&2
    exit 1
}

psql_in() {
    "$SERVERS" pg-psql "$DIR" "$@"
}

check_number() {
    [[ ${!1} =~ ^[1-9][0-9]{0,6}$ ]] || die "$1 must be a positive number, not '${!1}'"
}

check_environment() {
    local name
    check_number BENCH_RUNS
    check_number BENCH_REPEATS
    check_number BENCH_PAIRS
    check_number BENCH_SECONDS
    for name in BENCH_REPEATS BENCH_PAIRS; do
        if [ "${!name}" -lt 3 ] || [ $((${!name} % 2)) -eq 0 ]; then
            die "$name must be odd, and 3 or more, not ${!name}"
        fi
    done
    [ -e "$ROOT/build/mod_wfmetrics.so" ] || die "The module is not built: run make."
}

# chosen GROUP…: is one of them measured?
chosen() {
    local group
    [ -n "${BENCH_ONLY:-}" ] || return 0
    for group; do
        [[ " $BENCH_ONLY " != *" $group "* ]] || return 0
    done
    return 1
}

# --- data ---

start_postgres() {
    # A cluster may have other settings, or its data may be gone with a cleaned /tmp.
    if [ -e "$DIR/pg.home" ] && { [ "$(cat "$DIR/settings" 2>/dev/null)" != "$SETTINGS" ] ||
        [ ! -d "$(cat "$DIR/pg.home")/data" ]; }; then
        "$SERVERS" pg-destroy "$DIR"
    fi
    if [ ! -e "$DIR/pg.home" ]; then
        PG_SETTINGS=$SETTINGS "$SERVERS" pg-init "$DIR" 9>&-
        printf '%s\n' "$SETTINGS" >"$DIR/settings"
    fi
    "$SERVERS" pg-stop "$DIR" # one that a killed benchmark left
    "$SERVERS" pg-start "$DIR" 9>&-
}

# Only what a Lens database has: none of what makes the answers fast. Its files are the first three.
create_plain() {
    local file
    psql_in postgres -c "CREATE DATABASE $1"
    for file in "$ROOT"/src/db/schema/00[123]_*.sql; do
        psql_in "$1" -f "$file" >/dev/null
    done
}

create_migrated() {
    "$SERVERS" pg-createdb "$DIR" "$1" >/dev/null
    psql_in "$1" -c 'CREATE EXTENSION pg_stat_statements'
}

# With the summaries as they were at first.
create_first() {
    create_plain "$1"
    psql_in "$1" -f "$ROOT/tests/integration/first_edition.sql" >/dev/null
}

let_api_in() {
    psql_in "$1" -v role=wfmetrics -f "$ROOT/src/db/roles/api_role.sql" >/dev/null
}

# fill_runs DATABASE RUNS METRIC-RUNS
fill_runs() {
    psql_in "$1" -v runs="$2" -v metric_runs="$3" -f "$BENCH/data.sql" >/dev/null
}

# fill_compared DATABASE RUNS
fill_compared() {
    psql_in "$1" -v runs="$2" -f "$BENCH/compared.sql" >/dev/null
    let_api_in "$1"
}

# Also where there are no summaries the API answers.
fill_values() {
    psql_in "$1" -f "$BENCH/values.sql" >/dev/null
    let_api_in "$1"
}

fold() {
    psql_in "$1" -c 'CALL wfm_fold_all()' -c 'VACUUM (ANALYZE)'
}

# without DATABASE CONDITION: those metric rows are deleted.
without() {
    psql_in "$1" -c "DELETE FROM github_workflow_metrics WHERE $2"
    fold "$1"
}

# The rows of one database, into another one that has never had others.
fill_from() {
    local table
    for table in configs metric_schemas runs metrics; do
        psql_in "$2" -c "COPY github_workflow_$table TO stdout" |
            psql_in "$1" -c "COPY github_workflow_$table FROM stdin"
    done
    fold "$1"
}

comment_of() {
    psql_in postgres -At -c "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '$1'"
}

has_database() {
    [ -n "$(psql_in postgres -At -c "SELECT 1 FROM pg_database WHERE datname = '$1'")" ]
}

# data_set NAME WHAT create_FUNCTION fill_FUNCTION ARGUMENT…: made unless it is there. The comment, set last, says
# that it is whole, and of what it was made.
data_set() {
    local made_of
    made_of=$(cat "$BENCH"/{data,shape,values,compared}.sql "$ROOT"/src/db/{schema,roles}/*.sql \
        "$ROOT/tests/integration/first_edition.sql" | cksum)
    [ "$(comment_of "$1")" != "$made_of" ] || return 0
    say "Making the data set $1: $2 …"
    psql_in postgres -c "SET client_min_messages = error" -c "DROP DATABASE IF EXISTS $1"
    "$3" "$1"
    "$4" "$1" "${@:5}"
    psql_in postgres -c "COMMENT ON DATABASE $1 IS '$made_of'"
}

# data_set_of_runs NAME RUNS METRIC-RUNS create_FUNCTION
data_set_of_runs() {
    data_set "$1" "$2 runs, $(($3 * 68)) metric rows" "$4" fill_runs "$2" "$3"
}

copy_whole() {
    copy lens_whole "$1"
}

# Copies that are written to, and thrown away.
copy() {
    psql_in postgres -c "SET client_min_messages = error" -c "DROP DATABASE IF EXISTS $2" \
        -c "CREATE DATABASE $2 TEMPLATE $1"
}

make_data() {
    data_set_of_runs "lens_$BENCH_RUNS" "$BENCH_RUNS" "$BENCH_RUNS" create_migrated
    data_set_of_runs lens_small 10000 500 create_migrated
    if chosen runs repositories; then
        data_set_of_runs lens_large 1000000 500 create_migrated
    fi
    data_set_of_runs lens_plain 10000 500 create_plain
    if chosen deleted space; then
        data_set_of_runs lens_whole 5000 5000 create_migrated
    fi
    if chosen deleted; then
        data_set lens_worn "1 of 150 rows deleted" copy_whole without 'id % 150 = 0'
        data_set lens_thinned "99 of 100 rows deleted" copy_whole without 'id % 100 <> 0'
        data_set lens_few "only the rows that are left then" create_migrated fill_from lens_thinned
    fi
    if chosen distinct; then
        data_set lens_values "400000 metric rows, 200000 values" create_migrated fill_values
        data_set lens_rows "the same" create_plain fill_values
    fi
    if chosen compare; then
        data_set lens_compared "20 runs of 3 500 series" create_migrated fill_compared 20
    fi
    if chosen changes; then
        data_set lens_changed "100 runs of 3 500 series" create_migrated fill_compared 100
    fi
    if chosen space; then
        data_set_of_runs lens_first 5000 5000 create_first
    fi
    if chosen results; then
        data_set_of_runs lens_empty 100 0 create_migrated
        copy lens_empty scratch_results
        psql_in scratch_results -v role=wfmetrics -v ingest=1 -f "$ROOT/src/db/roles/api_role.sql" >/dev/null
    fi
    copy lens_small scratch_migrated
    copy lens_plain scratch_plain
}

drop_scratch() {
    psql_in postgres -c "SET client_min_messages = error" \
        -c 'DROP DATABASE IF EXISTS scratch_migrated WITH (FORCE)' \
        -c 'DROP DATABASE IF EXISTS scratch_plain WITH (FORCE)' \
        -c 'DROP DATABASE IF EXISTS scratch_results WITH (FORCE)'
}

# --- httpd ---

# What stands in sed's replacement as itself.
literal() {
    printf '%s' "$1" | sed 's/[&|\\]/\\&/g'
}

# fill TEMPLATE NAME=VALUE…
fill() {
    local arguments=() pair
    for pair in "${@:2}"; do
        arguments+=(-e "s|@${pair%%=*}@|$(literal "${pair#*=}")|g")
    done
    sed "${arguments[@]}" "$1"
}

write_conf() {
    local user group host
    user=$(id -un)
    if [ "$(id -u)" -eq 0 ]; then
        user=nobody
        ! id www-data >/dev/null 2>&1 || user=www-data
    fi
    group=$(id -gn "$user")
    fill "$BENCH/httpd.conf.in" PORT="$PORT" DIR="$DIR" WWW="$WWW" USER="$user" GROUP="$group" \
        MODULES="$(apxs -q LIBEXECDIR)" MODULE="$DIR/mod_wfmetrics.so" >"$DIR/httpd.conf"
    for host in main=lens_$BENCH_RUNS small=lens_small large=lens_large write=scratch_migrated whole=lens_whole \
        worn=lens_worn thinned=lens_thinned few=lens_few values=lens_values rows=lens_rows compared=lens_compared \
        changed=lens_changed results=scratch_results; do
        has_database "${host#*=}" || continue
        fill "$BENCH/host.conf.in" PORT="$PORT" SOCKET="$SOCKET" NAME="${host%%=*}" DATABASE="${host#*=}" \
            CONNECTIONS="$CONNECTIONS"
    done >>"$DIR/httpd.conf"
}

start_httpd() {
    SOCKET=$("$SERVERS" pg-socket "$DIR")
    # The servers' users can get there; they need not get to build/.
    WWW=$SOCKET/www
    mkdir -p "$WWW"
    chmod 0755 "$WWW"
    PORT=$("$SERVERS" free-port)
    # httpd loads it again at a restart; a build meanwhile must not change what is measured.
    cp "$ROOT/build/mod_wfmetrics.so" "$DIR"
    write_conf
    rm -f "$DIR/error.log"
    "$SERVERS" httpd-stop "$DIR" # one that a killed benchmark left
    "$SERVERS" httpd-start "$DIR" "$DIR/httpd.conf" 9>&-
}

# --- the Go service ---

GO_PID=

# One that a killed benchmark left: its process still runs the file that is built anew.
stop_left_go_service() {
    local pid
    pid=$(cat "$DIR/go-service.pid" 2>/dev/null) || return 0
    [ ! "/proc/$pid/exe" -ef "$DIR/go-service" ] || kill "$pid"
}

# Without Go, or without its packages, the published figures are the yardstick.
start_go_service() {
    local port deadline pool=pool_max_conns=$CONNECTIONS more=()
    chosen orientation results && command -v go >/dev/null || return 0
    stop_left_go_service
    (cd "$BENCH/go" && go build -mod=readonly -o "$DIR/go-service" .) || {
        say "The Go service cannot be built; its published figures are the yardstick."
        return 0
    }
    port=$("$SERVERS" free-port)
    has_database scratch_results && more=("results=host='$SOCKET' dbname=scratch_results user=wfmetrics $pool")
    "$DIR/go-service" "$port" "${more[@]}" "main=host='$SOCKET' dbname=lens_$BENCH_RUNS user=wfmetrics $pool" \
        "write=host='$SOCKET' dbname=scratch_migrated user=wfmetrics $pool" 9>&- 2>"$DIR/go-service.log" &
    GO_PID=$!
    echo "$GO_PID" >"$DIR/go-service.pid"
    deadline=$((SECONDS + 10))
    until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
        if ! kill -0 "$GO_PID" 2>/dev/null || [ "$SECONDS" -gt "$deadline" ]; then
            cat "$DIR/go-service.log" >&2
            die "The Go service does not start."
        fi
        sleep 0.1
    done
    export BENCH_GO_URL=http://127.0.0.1:$port BENCH_GO_PID=$GO_PID
}

stop_go_service() {
    [ -n "$GO_PID" ] || return 0
    kill "$GO_PID" 2>/dev/null || true
    wait "$GO_PID" || true
}

# --- the page ---

PAGE=

# The demo shows the first view, and the large data set beside, with all that a browser is told by httpd.
start_page() {
    local port
    chosen page && command -v chromium >/dev/null && command -v node >/dev/null || return 0
    "$ROOT/tests/web/install.sh"
    port=$("$SERVERS" free-port)
    PAGE=$DIR/demo
    PORT=$port DEMO_DIR=$PAGE "$ROOT/tests/demo/demo.sh" start >/dev/null 9>&-
    fill "$BENCH/host.conf.in" PORT="$port" SOCKET="$SOCKET" NAME=main DATABASE="lens_$BENCH_RUNS" \
        CONNECTIONS="$CONNECTIONS" >>"$PAGE/httpd.conf"
    "$SERVERS" httpd-graceful "$PAGE"
    export BENCH_PAGE_PORT=$port
}

stop_page() {
    [ -z "$PAGE" ] || DEMO_DIR=$PAGE "$ROOT/tests/demo/demo.sh" stop >/dev/null
}

# --- the whole ---

stop_servers() {
    trap '' INT TERM HUP
    stop_go_service
    stop_page
    "$SERVERS" httpd-stop "$DIR"
    if [ -e "$DIR/pg.home" ]; then
        drop_scratch || true
        "$SERVERS" pg-stop "$DIR"
    fi
}

describe() {
    say "Machine: $(nproc) processors, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)," \
        "$(awk '/MemTotal/ { printf "%.0f GB", $2 / 1048576 }' /proc/meminfo), load $(cut -d' ' -f1-3 /proc/loadavg)"
    say "PostgreSQL $(psql_in postgres -At -c 'SHOW server_version'): $(xargs <<<"$SETTINGS")"
    say "$(apache2 -v 2>/dev/null | head -n 1 || httpd -v | head -n 1), event, one child, 128 threads, DBDMax $CONNECTIONS"
    [ -z "$GO_PID" ] || say "Go service: $(go version | cut -d' ' -f3), its packages in tests/bench/go/go.mod"
    say "Data set: $BENCH_RUNS runs, $((BENCH_RUNS * 68)) metric rows, two fifths of them config 1's"
    say "Median of $BENCH_REPEATS; mixed loads of $BENCH_SECONDS s"
}

check_environment
mkdir -p "$DIR"
exec 9>"$DIR/lock"
flock -n 9 || die "A benchmark is running in $DIR already."
trap stop_servers EXIT
trap 'exit 130' INT TERM HUP
start_postgres
make_data
start_httpd
start_go_service
start_page
describe
BENCH_URL=http://127.0.0.1:$PORT BENCH_WWW=$WWW BENCH_HTTPD_PID=$("$SERVERS" httpd-pid "$DIR") \
    BENCH_DIR=$DIR PGHOST=$SOCKET PGPORT=5432 PGUSER=postgres python3 -B "$BENCH/measure.py" 9>&-
