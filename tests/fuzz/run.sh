#!/bin/bash
# run.sh DIR TARGET… - runs fuzz targets that were built in DIR, each for FUZZ_SECONDS (60).
#
# They start from the corpus that is committed (tests/fuzz/corpus/TARGET) and keep what they find
# beside the build. FUZZ_JOBS (1) run at a time. The exit code says whether one found something; the
# input that did it lies in DIR/found, and `DIR/TARGET FILE` runs it again.
set -eu

cd "$(dirname "$0")/../.."
dir=$1
shift
seconds=${FUZZ_SECONDS:-60}
jobs=${FUZZ_JOBS:-1}

# One target; its report goes to DIR/TARGET.log.
run() {
    local name=$1 log=$dir/$1.log status=0
    mkdir -p "$dir/corpus/$name" "$dir/found"
    "$dir/$name" -max_total_time="$seconds" -max_len=4096 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$dir/found/$name-" "$dir/corpus/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1 || status=$?
    return "$status"
}

# A number of the last line of progress, as in "cov: 512".
progress() {
    sed -n "s/.* $2: \([0-9]*\).*/\1/p" "$dir/$1.log" | tail -n 1
}

counters() {
    sed -n 's/.*(\([0-9]*\) inline 8-bit counters).*/\1/p' "$dir/$1.log" | head -n 1
}

# Without counters, or where they do not move, the fuzzer is blind, and finds nothing for a bad reason.
report() {
    local name=$1 status=$2 counters covered runs
    counters=$(counters "$name")
    covered=$(progress "$name" cov)
    runs=$(sed -n 's/^stat::number_of_executed_units: //p' "$dir/$name.log")
    if [ "$status" -ne 0 ]; then
        printf '%-10s FAILED\n' "$name"
        grep -vE '^#|^INFO|NEW_FUNC' "$dir/$name.log" | tail -n 40
        return 1
    fi
    if [ "${counters:-0}" -lt 500 ] || [ "${covered:-0}" -lt 50 ]; then
        echo "$name: there is no coverage (${counters:-0} counters, ${covered:-0} covered)"
        return 1
    fi
    printf '%-10s %10s inputs, %5s of %5s counters covered\n' "$name" "$runs" "$covered" "$counters"
}

failed=0
while [ $# -gt 0 ]; do
    names=("${@:1:jobs}")
    shift "${#names[@]}"
    pids=()
    for name in "${names[@]}"; do
        run "$name" &
        pids+=($!)
    done
    for i in "${!names[@]}"; do
        status=0
        wait "${pids[i]}" || status=$?
        report "${names[i]}" "$status" || failed=1
    done
done
exit "$failed"
