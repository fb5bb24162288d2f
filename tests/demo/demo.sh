#!/bin/bash
# demo.sh run|start|stop - two clusters on a private PostgreSQL and a private httpd, to try the API.
#
# Both servers and all their data live below build/demo (DEMO_DIR); every start makes them anew. PORT says
# where httpd listens (8080).
set -eu

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
DIR=${DEMO_DIR:-$ROOT/build/demo}
PORT=${PORT:-8080}
SERVERS=$ROOT/tests/support/servers.sh
BASE=/v1/github-workflow-metrics

# /usr/sbin is not in everyone's PATH.
PATH=$PATH:/usr/sbin

say() {
    printf '%s\n' "$*"
}

die() {
    printf '%s\n' "$*" >&2
    exit 1
}

port_open() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

httpd_runs() {
    local pid
    pid=$("$SERVERS" httpd-pid "$DIR")
    [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null
}

check_port() {
    case $PORT in
    '' | *[!0-9]*) die "PORT must be a number, not '$PORT': make demo PORT=8081" ;;
    esac
    if [ "$PORT" -lt 1 ] || [ "$PORT" -gt 65535 ]; then
        die "PORT must lie between 1 and 65535: make demo PORT=8081"
    fi
    [ "$PORT" -ge 1024 ] || [ "$(id -u)" -eq 0 ] ||
        die "Only root may listen on port $PORT: make demo PORT=8080"
    ! port_open "$PORT" || die "Port $PORT on 127.0.0.1 is in use. Choose another one: make demo PORT=$((PORT % 65535 + 1))"
}

# load CLUSTER DATABASE SPEED SEED
load() {
    local data=$DIR/data/$1 end
    end=$(date -u -d "$(date -u +%F)" +%s)
    mkdir -p "$data"
    awk -v dir="$data" -v cluster="$1" -v scale="$3" -v seed="$4" -v end="$end" -v api="http://127.0.0.1:$PORT$BASE" \
        -f "$ROOT/tests/demo/generate.awk"
    "$SERVERS" pg-createdb "$DIR" "$2"
    (cd "$data" && "$SERVERS" pg-psql "$DIR" "$2" --single-transaction \
        -f "$ROOT/tests/support/gpu_workload.sql" -f "$ROOT/tests/demo/load.sql")
}

# send CLUSTER DATABASE: the result files, as a workflow's step would.
send() {
    (cd "$DIR/data/$1" && curl --silent --show-error --fail-early --config results.curl &&
        "$SERVERS" pg-psql "$DIR" "$2" --single-transaction -f "$ROOT/tests/demo/collected.sql")
}

# What stands in sed's replacement as itself.
literal() {
    printf '%s' "$1" | sed 's/[&|\\]/\\&/g'
}

# The page as it is installed: its files, and the chart's library where the package has it. They lie where
# httpd's user can get to, as PostgreSQL's socket does: a checkout in root's home is closed to him.
lay_out_page() {
    WEB=$("$SERVERS" pg-socket "$DIR")/web
    cp -R "$ROOT/src/web" "$WEB"
    ln -s /usr/share/javascript/dygraphs "$WEB/dygraphs"
    chmod -R a+rX "$WEB"
    sed "s|/usr/share/mod_wfmetrics/web|$(literal "$WEB")|" "$ROOT/conf/page.conf" >"$DIR/page.conf"
}

write_conf() {
    local user group
    user=$(id -un)
    if [ "$(id -u)" -eq 0 ]; then
        user=nobody
        ! id www-data >/dev/null 2>&1 || user=www-data
    fi
    group=$(id -gn "$user")
    sed -e "s|@PORT@|$PORT|g" -e "s|@DIR@|$(literal "$DIR")|g" -e "s|@USER@|$user|g" -e "s|@GROUP@|$group|g" \
        -e "s|@MODULES@|$(literal "$(apxs -q LIBEXECDIR)")|g" \
        -e "s|@MODULE@|$(literal "$ROOT/build/mod_wfmetrics.so")|g" \
        -e "s|@SOCKET@|$(literal "$("$SERVERS" pg-socket "$DIR")")|g" \
        -e "s|@WEB@|$(literal "$WEB")|g" \
        "$ROOT/conf/demo.conf.in" >"$DIR/httpd.conf"
}

# requests BASE-URL: lines to paste.
requests() {
    local api=$1$BASE json="-H 'Content-Type: application/json'" since file=$2
    since=$(date -u -d '7 days ago' +%FT00:00:00Z)
    cat <<END
  curl -s '$api/runs?status=failed&limit=2'
  curl -s '$api/configs/1/schemas/active'
  curl -s '$api/configs/1/dimensions/Backend%3AStage/values'
  curl -s '$api/configs/1/export?start=$since&metric_fields=throughput&limit=5'
  curl -s -G '$api/configs/1/export' --data-urlencode 'dimensions={"Op":["GEMM","GEMM-FP8"],"batch_size":"32"}' -d limit=5 -d format=ndjson
  curl -s '$api/configs/1/metrics/query' $json -d '{"metric_filters":{"throughput":{"gte":700}},"sort_by":"throughput","limit":3}'
  curl -s '$api/configs/1/metrics/aggregate' $json -d '{"metric_field":"throughput","agg_func":"p95","interval":"1w","group_by":["Op"]}'
  curl -s '$api/configs/1/metrics/trends' $json -d '{"metric_fields":["throughput","latency_ms"],"group_by":["Op"],"start":"$since"}'
  curl -s '$api/configs/1/metrics/changes' $json -d '{"metric_fields":["latency_ms"],"group_by":["Op"],"head_branch":"main","min_change":5}'
  curl -s '$api/configs/1/compare?base_branch=main&head_branch=feature/fp8-gemm&head_last=3&group_by=Op'
  curl -s '$api/configs/1/changes?verdict=regression&limit=3'
  curl -s '$api/configs/1/summary'
  curl -s '$api/repositories/AMD-AGI/Primus-Turbo'
  curl -s '$api/configs/1/runners?since=$since&limit=2'
  curl -s '$api/configs/1/backfill' $json -d '{"start_time":"$since","end_time":"$(date -u +%FT00:00:00Z)"}'
  curl -s -X PATCH '$api/configs/1' $json -d '{"description":"patched","enabled":false}'
  curl -s -X POST '$api/runs/23/retry'
  curl -s '$api/configs/1/results?github_run_id=1&source_file=summary.csv' -H 'Content-Type: text/csv' --data-binary '@$file'
END
}

announce() {
    cat <<END

Two clusters are served. The page to look at them:

  http://127.0.0.1:$PORT/wfmetrics/

Or try, in another terminal:

mi325-east
$(requests "http://127.0.0.1:$PORT" "$DIR/data/mi325-east/turbo-bench-0062/gemm/summary.csv")

mi300-west (a host of its own; mi325-east's host serves it too)
$(requests "http://mi300-west.localhost:$PORT" "$DIR/data/mi300-west/turbo-bench-0062/gemm/summary.csv")
  curl -s 'http://127.0.0.1:$PORT$BASE/runs?cluster=mi300-west&limit=1'

The servers' logs are in $DIR (error.log, access.log).
END
}

# Holds the lock while a demo starts (and, in the foreground, runs); the servers do not inherit it.
take_lock() {
    mkdir -p "$DIR"
    exec 9>"$DIR/lock"
    flock -n 9 || die "A demo is starting or running already: use it, or stop it with make demo-stop."
    ! httpd_runs || die "A demo is running already: use it, or stop it with make demo-stop."
}

start() {
    take_lock
    check_port
    [ -e "$ROOT/build/mod_wfmetrics.so" ] || die "The module is not built: run make."
    # What a demo left that was killed.
    "$SERVERS" pg-destroy "$DIR"
    rm -rf "$DIR/data" "$DIR/error.log" "$DIR/access.log"
    trap 'stop_servers' EXIT
    trap 'exit 130' INT TERM HUP
    say "Making a PostgreSQL cluster with two databases …"
    "$SERVERS" pg-init "$DIR" 9>&-
    "$SERVERS" pg-start "$DIR" 9>&-
    load mi325-east lens_mi325_east 1.00 325
    load mi300-west lens_mi300_west 0.72 300
    lay_out_page
    write_conf
    say "Starting httpd …"
    "$SERVERS" httpd-start "$DIR" "$DIR/httpd.conf" 9>&- || die "See the lines above, and $DIR/error.log."
    say "Sending the result files of 30 days …"
    send mi325-east lens_mi325_east
    send mi300-west lens_mi300_west
    announce
}

stop_servers() {
    trap '' INT TERM HUP
    "$SERVERS" httpd-stop "$DIR"
    "$SERVERS" pg-destroy "$DIR"
    say "Both servers are stopped."
}

case ${1:-} in
run)
    start
    say "Ctrl-C stops both servers."
    trap 'exit 0' INT TERM HUP
    # Ends too when make demo-stop was called elsewhere.
    while httpd_runs; do sleep 0.5; done
    ;;
start)
    start
    trap - EXIT
    say "make demo-stop stops both servers."
    ;;
stop)
    if [ ! -e "$DIR/pg.home" ] && ! httpd_runs; then
        say "No demo is running; make demo or make demo-start starts one."
        exit 0
    fi
    stop_servers
    ;;
*)
    echo "usage: demo.sh run|start|stop" >&2
    exit 2
    ;;
esac
