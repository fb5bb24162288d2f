#!/bin/bash
# check.sh - a real Prometheus scrapes a real demo: the answer is in order (promtool), Prometheus
# takes it, and what conf/prometheus gives to use names only what is there.
#
# Everything lies in a temporary directory and listens on free ports of 127.0.0.1; what is started is
# stopped by its pid.
set -eu

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
CONF=$ROOT/conf/prometheus
PATH=$ROOT/build/prometheus/usr/bin:$PATH
DIR=$(mktemp -d "${TMPDIR:-/tmp}/wfm-prometheus.XXXXXX")
chmod 755 "$DIR"
PORT=$("$ROOT/tests/support/servers.sh" free-port)
API=http://127.0.0.1:$PORT/v1/github-workflow-metrics
export DEMO_DIR=$DIR/demo PORT
prometheus=

stop() {
    trap '' INT TERM HUP
    [ -z "$prometheus" ] || { kill "$prometheus" && wait "$prometheus"; } 2>/dev/null || true
    "$ROOT/tests/demo/demo.sh" stop >/dev/null 2>&1 || true
    rm -rf "$DIR"
}
trap stop EXIT
trap 'exit 130' INT TERM HUP

step() {
    printf '=== %s\n' "$*"
}

step "the configuration and the rules"
promtool check config "$CONF/prometheus.yml"
promtool test rules "$ROOT/tests/prometheus/rules.test.yml"

step "a demo on port $PORT, with some requests of each kind"
"$ROOT/tests/demo/demo.sh" start >"$DIR/demo.log" 2>&1 || { cat "$DIR/demo.log" && exit 1; }
for path in configs configs configs configs/1/export clusters health configs/99 nope; do
    curl -s -o /dev/null "$API/$path"
done

step "promtool check metrics"
curl -s "$API/metrics/prometheus" | promtool check metrics

# The shipped configuration, but for the target and the pace.
sed -e "s|mi325-east.example.com:80|127.0.0.1:$PORT|" -e 's|_interval: 30s|_interval: 1s|' \
    -e "s|- wfmetrics.rules.yml|- $CONF/wfmetrics.rules.yml|" "$CONF/prometheus.yml" >"$DIR/prometheus.yml"

port=$("$ROOT/tests/support/servers.sh" free-port)
step "Prometheus on port $port"
prometheus --config.file="$DIR/prometheus.yml" --storage.tsdb.path="$DIR/data" \
    --web.listen-address="127.0.0.1:$port" --log.level=warn >"$DIR/prometheus.log" 2>&1 &
prometheus=$!
python3 "$ROOT/tests/prometheus/queries.py" "http://127.0.0.1:$port" "$ROOT" ||
    { cat "$DIR/prometheus.log" && exit 1; }
