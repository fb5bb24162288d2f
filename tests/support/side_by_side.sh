#!/bin/bash
# side_by_side.sh COMMAND - runs all suites of a test program in two halves at once, each with
# servers of its own, and prints what the first says and then what the second does.
set -u

said=$(mktemp)
trap 'rm -f "$said"' EXIT
"$@" 2/2 >"$said" 2>&1 &
second=$!
failed=0
"$@" 1/2 || failed=1
wait "$second" || failed=1
cat "$said"
exit "$failed"
