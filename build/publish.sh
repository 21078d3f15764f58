#!/usr/bin/env bash
# Publishes the static executable to artifacts/twill, unless nothing it is made of has changed since.
set -euo pipefail
cd "$(dirname "$0")/.."
tfm=${1:-net9.0}
out=artifacts/twill
if [ -x "$out" ] && [ -z "$(find src build docs/configuration.md docs/concepts/README.md Directory.*.props global.json nuget.config -newer "$out" -type f -not -path '*/bin/*' -not -path '*/obj/*' -print -quit)" ]; then
    exit 0
fi
mkdir -p artifacts
# A changed linker property does not invalidate the native output, so it always goes.
rm -rf "src/twill/obj/Release/$tfm/linux-x64/native" "src/twill/bin/Release/$tfm/linux-x64"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet publish src/twill/twill.csproj -c Release -f "$tfm" -r linux-x64 -p:TwillAotTfm="$tfm" -v quiet -nologo -o artifacts/publish >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
grep -E 'warning IL' "$log" >&2 && exit 1
install -m 0755 artifacts/publish/twill "$out.new"
mv "$out.new" "$out"
touch "$out"
echo "published $out: $(stat -c %s "$out" | numfmt --to=iec --suffix=B), statically linked"
