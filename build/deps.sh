#!/usr/bin/env bash
# Installs what is missing, by Debian package name. Nothing is touched where all is there.
set -euo pipefail
build=(clang lld zlib1g-dev libc6-dev libssl-dev cmake)
# Behind ping: container runtimes that the tests drive, and what their containers are made of; then the shells that are completed, and
# a reader of man pages, a browser that looks at pictures and pages, and a store that nodes share, what runs the agent, and routers.
test=(iproute2 nftables iptables gcc linux-libc-dev containernetworking-plugins strace iputils-ping podman containerd runc conmon busybox-static chromium fonts-dejavu-core zsh fish mandoc etcd-server etcd-client systemd bird2 frr)
# What `make lab` shows things with.
lab=(iproute2 iputils-ping)
want=()
for group in "$@"; do
    case $group in
        build) want+=("${build[@]}") ;;
        lab) want+=("${lab[@]}") ;;
        test) want+=("${test[@]}") ;;
        *) echo "deps.sh: unknown group $group" >&2; exit 2 ;;
    esac
done
missing=()
for package in "${want[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ]; then
    echo "missing packages: ${missing[*]}; install them as root: apt-get install ${missing[*]}" >&2
    exit 1
fi
echo "installing: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
{ apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 || { tail -20 "$log" >&2; exit 1; }
