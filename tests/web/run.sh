#!/bin/bash
# run.sh - the page in a real browser: its types by the API's description, then every view against a demo on a free port.
#
# What is downloaded (in the versions that are written beside this file) lies below build/web, and so do the
# pictures that the tests take. SUITES="runs frame" runs only these.
set -eu

cd "$(dirname "$0")/../.."
HERE=$PWD/tests/web
DIR=$PWD/build/web

step() {
    echo "--- $*"
}

tests/web/install.sh
cp "$HERE"/*.js "$HERE"/*.ts "$HERE/tsconfig.json" "$DIR"

PORT=$(tests/support/servers.sh free-port)
export PORT DEMO_DIR=$DIR/demo ROOT=$PWD
trap 'tests/demo/demo.sh stop >/dev/null' EXIT
tests/demo/demo.sh start >/dev/null
# The page at another place, and how it finds the API from there, as docs/page.md has it.
cat >>"$DEMO_DIR/httpd.conf" <<END
Alias "/metrics-page" "$(tests/support/servers.sh pg-socket "$DEMO_DIR")/web"
Redirect 307 "/metrics-page/api" "/v1/github-workflow-metrics"
END
tests/support/servers.sh httpd-graceful "$DEMO_DIR"

step "types"
curl -sf "http://127.0.0.1:$PORT/v1/github-workflow-metrics/openapi.json" -o "$DIR/openapi.json"
(cd "$DIR" && node_modules/.bin/openapi-typescript openapi.json -o wfmetrics.d.ts >/dev/null && node_modules/.bin/tsc -p tsconfig.json)
step "the browser"
(cd "$DIR" && node --test-reporter=spec main.js)
