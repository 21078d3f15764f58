#!/usr/bin/env bash
# Writes all pages of the manual to artifacts/man, as the executable has them.
set -euo pipefail
cd "$(dirname "$0")/.."
twill=${TWILL_BIN:-artifacts/twill}
out=artifacts/man
rm -rf "$out"
for page in $("$twill" man --list); do
    mkdir -p "$out/man${page##*.}"
    "$twill" man "$page" >"$out/man${page##*.}/$page"
done
echo "$(find "$out" -type f | wc -l) pages in $out: man -M $out twill"
