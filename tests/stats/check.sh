#!/bin/bash
# check.sh PROGRAM - compares the change points with Apache Otava's, live: OTAVA_SERIES (1000) random series from the
# number OTAVA_FIRST (1000000) on, and Otava's own. RECORD=1 writes anew what the unit tests compare with.
#
# Otava, NumPy and SciPy are installed from PyPI, in the versions of requirements.txt, below build/otava.
set -eu

cd "$(dirname "$0")/../.."
HERE=tests/stats
DIR=build/otava

if ! cmp -s "$HERE/requirements.txt" "$DIR/installed-requirements.txt"; then
    mkdir -p "$DIR"
    python3 -m venv --clear "$DIR/venv"
    # What Otava needs for what is not used here, databases and charts, is left out.
    "$DIR/venv/bin/pip" --quiet --disable-pip-version-check install --no-deps -r "$HERE/requirements.txt"
    cp "$HERE/requirements.txt" "$DIR/installed-requirements.txt"
fi

if [ -n "${RECORD:-}" ]; then
    "$DIR/venv/bin/python" -B "$HERE/record.py"
    "$DIR/venv/bin/python" -B "$HERE/record_comparison.py"
else
    "$DIR/venv/bin/python" -B "$HERE/compare.py" "$1" "${OTAVA_SERIES:-1000}" "${OTAVA_FIRST:-1000000}"
fi
