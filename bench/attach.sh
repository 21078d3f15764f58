#!/usr/bin/env bash
# The same as bench/attach.
exec "$(dirname "$(readlink -f "$0")")/attach" "$@"
