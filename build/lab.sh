#!/usr/bin/env bash
# A three-node pod network on this machine, an agent on each node: made (or found), shown, checked, and left up to be looked at.
set -uo pipefail
cd "$(dirname "$0")/.."
twill=${TWILL_BIN:-artifacts/twill}
say() { printf '\n%s\n\n' "$1"; }
if "$twill" lab status >/dev/null 2>&1; then
    echo "the lab is up already:"
    echo
    "$twill" lab status || exit
else
    # Two LANs: node1 and node2 near each other, node3 behind the router. The second try is for its words.
    "$twill" lab up --mode auto 2>/dev/null || exec "$twill" lab up --mode auto
fi
say "everybody pings everybody, IPv4:"
"$twill" lab pingall || exit
say "one packet to the far node, predicted from what the kernel says, and seen:"
"$twill" trace blue pink || exit
say "container to container: two containers of one pod, over localhost:"
"$twill" lab add-pod shop --node node1 --containers web,probe 2>&1 | grep started
"$twill" lab remove-pod shop 2>/dev/null || exit
say "pod to pod: to a neighbour on the same node, and to one on another; both see blue as it is:"
"$twill" ping blue red && "$twill" ping blue green || exit
say "pod to service: 10.96.0.1 is nobody's; blue's node writes one of its pods into the packet, and leaves the source:"
"$twill" lab expose web --pods red,green --node-port --load-balancer 2>&1 | grep service
"$twill" ping blue svc/web -c 4 || exit
say "internet to service: to an address on the LAN, then to a port of a node; the pod sees the node, so the answer comes back that way:"
"$twill" ping internet svc/web && "$twill" ping internet node2:30080 || exit
say "a route is deleted on node1, and its agent puts it back; then the agent is killed under a ping to node3:"
[ "$(ip -n node1 route show 10.244.2.0/24 | wc -l)" -gt 0 ] && ip -n node1 route del 10.244.2.0/24
for _ in $(seq 100); do ip -n node1 route show 10.244.2.0/24 | grep . && break; sleep 0.01; done
"$twill" lab exec blue -- ping -q -i 0.01 -c 100 10.244.3.2 &
ping=$!
"$twill" lab kill-agent node1 2>&1
wait "$ping" || exit
"$twill" lab fix 2>&1 | tail -1
cat <<END

try next:
  $twill lab exec blue -- ip addr                 a pod sees itself under the address by which others see it
  $twill lab exec blue -- ip route                its way out: the bridge of its node
  $twill lab exec node1 -- ip route               one route for each other node's pods, into the tunnel to the far one
  $twill lab exec node1 -- bridge link            the cables that hang on v-net-0
  $twill lab exec node1 -- nft list ruleset       what leaves the cluster is masqueraded, and nothing else
  $twill lab exec blue -- ping -c 3 8.8.8.8       and see, meanwhile: $twill lab exec internet -- tcpdump -ni eth0 icmp
  $twill ping internet svc/web -c 10              who answers, and what is translated on the way
  $twill lab exec node1 -- twill services           every address of a service on a node, with its connections
  $twill lab add-node --pods 2                    one node more, and how long until all others know the way
  $twill lab kill-agent node1; ip -n node1 route del 10.244.2.0/24; $twill why blue green; $twill lab fix
  $twill topo -o html > lab.html                  the picture, for a browser
  docs/learn/README.md                            thirteen exercises
the lab stays up; this removes it and leaves the machine as it was:
  $twill lab down
END
