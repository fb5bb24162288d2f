#!/bin/bash
# install.sh - what drives the browser, in the versions that are written beside this file, below build/web.
# It is downloaded anew when they have changed.
set -eu

HERE=$(cd "$(dirname "$0")" && pwd)
DIR=$HERE/../../build/web

mkdir -p "$DIR"
! cmp -s "$HERE/package-lock.json" "$DIR/installed-package-lock.json" || exit 0
cp "$HERE/package.json" "$HERE/package-lock.json" "$DIR"
(cd "$DIR" && npm ci --silent --no-audit --no-fund)
cp "$HERE/package-lock.json" "$DIR/installed-package-lock.json"
