#!/usr/bin/env bash
# Publishes the two static executables, unless nothing they are made of has changed since: artifacts/twill-plugin, and artifacts/twill,
# which carries the former.
set -euo pipefail
cd "$(dirname "$0")/.."
tfm=${1:-net9.0}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
publish() { # project folder, name of its executable, result, what it is made of, properties...
    local project=$1 name=$2 out=$3 sources=$4; shift 4
    # shellcheck disable=SC2086
    if [ -x "$out" ] && [ -z "$(find $sources build Directory.*.props global.json nuget.config src/Aot.props -newer "$out" -type f -not -path '*/bin/*' -not -path '*/obj/*' -print -quit)" ]; then
        return
    fi
    mkdir -p artifacts
    # A changed linker property does not invalidate the native output, so it always goes.
    rm -rf "$project/obj/Release/$tfm/linux-x64/native" "$project/bin/Release/$tfm/linux-x64"
    dotnet publish "$project" -c Release -f "$tfm" -r linux-x64 -p:TwillAotTfm="$tfm" -v quiet -nologo -o "artifacts/publish.d/$name" "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
    if grep -E 'warning IL' "$log" >&2; then exit 1; fi
    install -m 0755 "artifacts/publish.d/$name/$name" "$out.new"
    mv "$out.new" "$out"
    touch "$out"
    echo "published $out: $(stat -c %s "$out" | numfmt --to=iec --suffix=B), statically linked"
}
publish src/Twill.Plugin Twill.Plugin artifacts/twill-plugin "src/Twill.Cni src/Twill.Fabric src/Twill.Linux src/Twill.Plugin"
publish src/twill twill artifacts/twill "src docs/configuration.md docs/concepts/README.md artifacts/twill-plugin" -p:TwillPluginFile="$PWD/artifacts/twill-plugin"
