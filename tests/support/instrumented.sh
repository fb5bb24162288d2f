#!/bin/bash
# instrumented.sh asan|valgrind COMMAND… - runs the integration tests with an instrument in httpd.
#
# The instrument writes its reports to files; any report on the module's code makes this fail, even
# if every test passed. Only httpd is instrumented, not the tests: what it is started with goes
# through servers.sh (WFM_HTTPD_ENV, WFM_HTTPD_WRAPPER).
set -eu

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
instrument=$1
shift

# httpd's children run as another user, and the checkout may be closed to it.
reports=$(mktemp -d "/tmp/wfm-$instrument.XXXXXX")
chmod 1777 "$reports"
trap 'rm -rf "$reports"' EXIT

runtime() {
    "${CC:-gcc}" -print-file-name="$1"
}

case $instrument in
asan)
    # Leaks are the unit tests' affair: httpd leaves its pools to the end of the process. A small
    # quarantine keeps freed memory from looking like growth.
    WFM_HTTPD_ENV="LD_PRELOAD=$(runtime libasan.so):$(runtime libubsan.so)"
    WFM_HTTPD_ENV+=" ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=1:log_path=$reports/asan"
    WFM_HTTPD_ENV+=" UBSAN_OPTIONS=print_stacktrace=1:log_path=$reports/ubsan"
    export WFM_HTTPD_ENV
    ;;
valgrind)
    WFM_HTTPD_WRAPPER="valgrind --quiet --leak-check=no --fullpath-after=$ROOT/"
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
    asan) find "$reports" -type f -exec cat {} + ;;
    valgrind) find "$reports" -type f -exec sed 's/^==[0-9]*== \{0,1\}//' {} + |
        awk 'BEGIN { RS = ""; ORS = "\n\n" } /mod_wfmetrics|\(src\//' ;;
    esac
}

status=0
"$@" || status=$?
found=$(errors)
if [ -n "$found" ]; then
    printf '%s\n' "$found" "$instrument reported errors in the module (above)."
    exit 1
fi
[ "$status" -eq 0 ] && echo "$instrument: no error in the module."
exit "$status"
