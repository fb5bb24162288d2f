#!/bin/bash
# run.sh - is the API's description right, can clients be made of it, and does the API keep to it?
#
# Against the demo, on a free port: a validator of OpenAPI, every example of docs/api.md, a client whose types are
# made of the description, and some thousand requests that schemathesis makes up. What is downloaded (in the
# versions that are written beside this file) lies below build/openapi.
set -eu

cd "$(dirname "$0")/../.."
HERE=$PWD/tests/openapi
DIR=$PWD/build/openapi
PYTHON=$DIR/venv/bin/python
# Seconds of made-up requests, and what they are made from.
SECONDS_OF_REQUESTS=${OPENAPI_SECONDS:-60}
SEED=${OPENAPI_SEED:-1}

# fresh FILE: has it changed since it was installed from?
fresh() {
    cmp -s "$HERE/$1" "$DIR/installed-$1"
}

install_python() {
    fresh requirements.txt && return
    python3 -m venv --clear "$DIR/venv"
    "$DIR/venv/bin/pip" --quiet --disable-pip-version-check install -r "$HERE/requirements.txt"
    cp "$HERE/requirements.txt" "$DIR/installed-requirements.txt"
}

install_node() {
    fresh package-lock.json && return
    cp "$HERE/package.json" "$HERE/package-lock.json" "$DIR"
    (cd "$DIR" && npm ci --silent --no-audit --no-fund)
    cp "$HERE/package-lock.json" "$DIR/installed-package-lock.json"
}

step() {
    echo "--- $*"
}

client() {
    (cd "$DIR" && node_modules/.bin/openapi-typescript openapi.json -o wfmetrics.d.ts >/dev/null)
    cp "$HERE/client.ts" "$HERE/tsconfig.json" "$DIR"
    (cd "$DIR" && node_modules/.bin/tsc -p tsconfig.json && node made/client.js "$API")
}

# requests PHASES SECONDS OPTION…
requests() {
    local phases=$1 seconds=$2
    shift 2
    (cd "$DIR" && PYTHONPATH=$HERE PYTHONDONTWRITEBYTECODE=1 SCHEMATHESIS_HOOKS=exceptions venv/bin/schemathesis \
        --config-file "$HERE/schemathesis.toml" run "$API/openapi.json" --url "$API" --checks all --exclude-checks \
        negative_data_rejection,positive_data_acceptance,status_code_conformance --phases "$phases" \
        --max-time "$seconds" --seed "$SEED" --continue-on-failure --warnings off "$@")
}

mkdir -p "$DIR"
install_python
install_node

PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# A demo of its own: one that somebody looks at stays.
export PORT DEMO_DIR=$DIR/demo
API=http://127.0.0.1:$PORT/v1/github-workflow-metrics
trap 'tests/demo/demo.sh stop >/dev/null' EXIT
tests/demo/demo.sh start >/dev/null

curl -sf "$API/openapi.json" -o "$DIR/openapi.json"
step "the description is OpenAPI 3.1"
"$DIR/venv/bin/openapi-spec-validator" "$DIR/openapi.json"
step "the examples of docs/api.md" # first: they count on the demo's first ids
"$PYTHON" -B "$HERE/examples.py" "$API"
step "a client in TypeScript"
client
step "requests that schemathesis makes up" # deletions last: they leave nothing to ask for
requests coverage,fuzzing "$SECONDS_OF_REQUESTS" --exclude-method DELETE
# What one answer has, the next request names: a config that was created, then deleted, then asked for.
requests stateful $((SECONDS_OF_REQUESTS / 2))
requests coverage,fuzzing 10 --include-method DELETE
