#!/bin/bash
# instrumented.sh asan|valgrind COMMAND… - runs the integration tests with an instrument in httpd.
#
# Any report on the module's code makes this fail, even if every test passed. Only httpd is
# instrumented, not the tests: what it is started with goes through servers.sh (WFM_HTTPD_*).
set -eu

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
instrument=$1
shift

# httpd's children run as another user, and the checkout may be closed to it.
reports=$(mktemp -d "/tmp/wfm-$instrument.XXXXXX")
chmod 1777 "$reports"
trap 'rm -rf "$reports"' EXIT

runtime() {
    # shellcheck disable=SC2086 # a compiler may be two words: "ccache gcc"
    ${CC:-gcc} -print-file-name="$1"
}

case $instrument in
asan)
    # Leaks are the unit tests' affair: httpd leaves its pools to the end of the process. A small
    # quarantine keeps freed memory from looking like growth. The reports go to stderr, httpd's
    # error log: with both of gcc's runtimes in one process log_path reaches only one of them.
    cp "$ROOT/tests/support/asan.supp" "$reports" # whose path has no blank
    WFM_HTTPD_ENV="LD_PRELOAD=$(runtime libasan.so):$(runtime libubsan.so)"
    WFM_HTTPD_ENV+=" ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=1:suppressions=$reports/asan.supp"
    export WFM_HTTPD_ENV WFM_HTTPD_KEEP_LOG=$reports/error.log
    ;;
valgrind)
    # From the checkout's path, as one word: what stands behind its last blank.
    WFM_HTTPD_WRAPPER="valgrind --quiet --leak-check=no --fullpath-after=${ROOT##* }/"
    WFM_HTTPD_WRAPPER+=" --log-file=$reports/valgrind.%p"
    export WFM_HTTPD_WRAPPER
    ;;
*)
    echo "instrumented.sh: unknown instrument $instrument (asan, valgrind)" >&2
    exit 2
    ;;
esac
export WFM_HTTPD_WAIT=120 WFM_INSTRUMENT=$instrument

# Valgrind also reports what httpd and its libraries do; an error is ours if its stack is.
errors() {
    case $instrument in
    asan) grep -s -A 40 -E ': runtime error: |ERROR: AddressSanitizer' "$WFM_HTTPD_KEEP_LOG" ;;
    valgrind) find "$reports" -type f -exec sed 's/^==[0-9]*== \{0,1\}//' {} + |
        awk 'BEGIN { RS = ""; ORS = "\n\n" } /mod_wfmetrics|\(src\//' ;;
    esac
}

status=0
"$@" || status=$?
found=$(errors || true)
if [ -n "$found" ]; then
    printf '%s\n' "$found" "$instrument reported errors in the module (above)."
    exit 1
fi
if [ "$instrument" = asan ] && [ ! -s "$WFM_HTTPD_KEEP_LOG" ]; then
    echo "No error log was kept: did the tests stop httpd with servers.sh?"
    exit 1
fi
[ "$status" -eq 0 ] && echo "$instrument: no error in the module."
exit "$status"
