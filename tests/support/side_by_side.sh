#!/bin/bash
# side_by_side.sh COMMAND - runs all suites of a test program in two halves at once, each with
# servers of its own, and prints what the first says and then what the second does.
set -u

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# What a half has got no success of, the other one must have.
export WFM_UNANSWERED=$dir/unanswered
: >"$WFM_UNANSWERED"
"$@" 2/2 >"$dir/said" 2>&1 &
second=$!
failed=0
"$@" 1/2 || failed=1
wait "$second" || failed=1
cat "$dir/said"
if sed 's/, /\n/g' "$WFM_UNANSWERED" | sort | uniq -d | sed 's/^/no test has got a success of /' | grep .; then
    failed=1
fi
exit "$failed"
