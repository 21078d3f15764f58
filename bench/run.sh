#!/usr/bin/env bash
# All benchmarks there are; `make bench` comes here. Options are those of bench/attach.
exec "$(dirname "$(readlink -f "$0")")/attach" "$@"
