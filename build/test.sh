#!/usr/bin/env bash
# Formats checked, all tests run; the last line sums them up. A failure anywhere is a failure here.
set -uo pipefail
cd "$(dirname "$0")/.."
passed=0 failed=0 skipped=0
# What a skip may not excuse: these are installed by build/deps.sh.
export TWILL_REQUIRE=${TWILL_REQUIRE:-podman,containerd,reference,shells,man,chromium,etcd,routers}
step() { # name, command...
    local name=$1; shift
    local log; log=$(mktemp)
    if "$@" >"$log" 2>&1; then passed=$((passed + 1)); echo "ok      $name"; else failed=$((failed + 1)); echo "FAILED  $name"; tail -60 "$log"; fi
    rm -f "$log"
}
count() { sed -nE "s/^ *$1: *([0-9]+).*/\1/p" "$2" | tail -1; }
# Each failure whole, up to so many lines, and each skip with its reason.
told() { awk '/^(failed|skipped|passed) /{ left = /^failed/ ? 80 : /^skipped/ ? 2 : 0 } /^Test run summary/{ left = 0 } /^Ok, passed/{ next } left-- > 0'; }
run() { # name, test assembly
    local log; log=$(mktemp)
    dotnet "$2" --no-progress --output Normal "${@:3}" 2>&1 | tee "$log" | told
    local p f s
    p=$(count succeeded "$log"); f=$(count failed "$log"); s=$(count skipped "$log")
    if [ -z "$p" ]; then failed=$((failed + 1)); echo "FAILED  $1: no closing line"; tail -40 "$log"; else
        passed=$((passed + p)); failed=$((failed + ${f:-0})); skipped=$((skipped + ${s:-0}))
        echo "$1: $p passed, ${f:-0} failed, ${s:-0} skipped"
    fi
    rm -f "$log"
}
# With all that they are made of, in the framework that they run on; the other one is compiled by publish.
for project in tests/Twill.Tests tests/Twill.KernelTests bench/Twill.Bench; do
    if ! dotnet build "$project" -c Debug -v quiet -nologo -clp:NoSummary; then
        echo "0 passed, 1 failed, 0 skipped"
        exit 1
    fi
done
step "dotnet format changes nothing" dotnet format twill.slnx --verify-no-changes --no-restore
run Twill.Tests tests/Twill.Tests/bin/Debug/net10.0/Twill.Tests.dll
run Twill.KernelTests tests/Twill.KernelTests/bin/Debug/net10.0/Twill.KernelTests.dll
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
