#!/usr/bin/env bash
# A three-node pod network on this machine: made (or found), shown, checked, and left up to be looked at.
set -uo pipefail
cd "$(dirname "$0")/.."
twill=${TWILL_BIN:-artifacts/twill}
if "$twill" lab status >/dev/null 2>&1; then
    echo "the lab is up already:"
    echo
    "$twill" lab status || exit
else
    "$twill" lab up 2>/dev/null || exec "$twill" lab up # the second try is for its words
fi
echo
echo "everybody pings everybody, IPv4:"
echo
"$twill" lab pingall || exit
echo
echo "one packet, predicted from what the kernel says, and seen:"
echo
"$twill" trace blue green || exit
cat <<END

try next:
  $twill lab exec blue -- ip addr                 a pod sees itself under the address by which others see it
  $twill lab exec blue -- ip route                its way out: the bridge of its node
  $twill lab exec node1 -- ip route               one route for each other node's pods
  $twill lab exec node1 -- bridge link            the cables that hang on v-net-0
  $twill lab exec node1 -- nft list ruleset       what leaves the cluster is masqueraded, and nothing else
  $twill lab exec blue -- ping -c 3 8.8.8.8       and see, meanwhile: $twill lab exec internet -- tcpdump -ni eth0 icmp
  $twill lab break route node1; $twill why blue green; $twill lab fix
  $twill topo -o html > lab.html                  the picture, for a browser
  docs/learn/README.md                            nine exercises
the lab stays up; this removes it and leaves the machine as it was:
  $twill lab down
END
