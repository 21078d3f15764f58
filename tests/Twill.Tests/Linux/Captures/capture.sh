#!/usr/bin/env bash
# Makes the captures beside it again: what iproute2 sends for a command, and what the kernel answers. Needs root, cc and iproute2;
# works in two namespaces of its own. Sequence numbers and ports are set to 0; times in cacheinfo attributes differ each run.
# Made with: iproute2 6.1.0, Linux 6.18.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'ip netns del twcap1 2>/dev/null || true; ip netns del twcap2 2>/dev/null || true; rm -rf "$work"' EXIT
cc -shared -fPIC -o "$work/capture.so" "$here/capture.c" -ldl
ip netns add twcap1
ip netns add twcap2
cat >"$work/normal.py" <<'PY'
# An exchange is a line sent and the lines received after it. Left out: iproute2's probe for strict checking (an empty RTM_NEWLINK), its
# questions for namespace ids, and, unless links are the subject, its look-ups of names and the zeros some of its requests end with.
import sys, struct
links = sys.argv[1].startswith('link-') or sys.argv[1].startswith('vxlan-get')
keep = False
for text in sys.stdin:
    kind, data = text[0], bytearray.fromhex(text[2:].strip())
    if kind == '>':
        length, type = struct.unpack_from('<IH', data, 0)
        keep = not (type == 90 or type == 18 and not links or type == 16 and not any(data[16:]))
    if not keep: continue
    at = 0
    while at + 16 <= len(data):
        length = struct.unpack_from('<I', data, at)[0]
        if length < 16: break
        struct.pack_into('<II', data, at + 8, 0, 0)
        if struct.unpack_from('<H', data, at + 4)[0] == 2 and length >= 36: struct.pack_into('<II', data, at + 28, 0, 0)
        at += (length + 3) & ~3
    print(kind, data[:at].hex())
PY
run() { ip netns exec twcap1 "$@"; }
capture() { # capture NAME COMMAND...: the command's messages into NAME.txt; a failing command is a capture too
    local name=$1; shift
    : >"$work/raw"
    CAPTURE="$work/raw" LD_PRELOAD="$work/capture.so" run "$@" >/dev/null 2>&1 || true
    { echo "# $*"; python3 "$work/normal.py" "$name" <"$work/raw"; } >"$here/$name.txt"
}

capture bridge-add ip link add br0 address 02:00:00:00:00:aa mtu 1450 up type bridge stp_state 0 ageing_time 6000 forward_delay 200 nf_call_iptables 1 mcast_snooping 0
capture veth-add ip link add v0 address 02:00:00:00:00:01 mtu 1450 master br0 up numtxqueues 1 numrxqueues 1 txqueuelen 77 type veth peer name eth0 address 02:00:00:00:00:02 mtu 1450 netns twcap2
capture veth-exists ip link add v0 type veth peer name eth1
capture link-nomaster ip link set v0 nomaster
capture link-master ip link set v0 master br0
capture bridge-port ip link set v0 type bridge_slave hairpin on isolated on learning off flood off
run ip link set v0 nomaster
capture link-up ip link set v0 up
capture link-mtu ip link set v0 mtu 1400
capture link-address ip link set v0 address 02:00:00:00:00:03
capture link-alias ip link set v0 alias "pod default/nginx"
capture link-altname ip link property add dev v0 altname twill.0123456789abcdef0123456789abcdef.eth0
capture link-altname-get ip link show dev twill.0123456789abcdef0123456789abcdef.eth0
capture link-altname-del ip link property del dev v0 altname twill.0123456789abcdef0123456789abcdef.eth0
run ip link property add dev v0 altname twill.0123456789abcdef0123456789abcdef.eth0
capture link-group ip link set v0 group 7
capture link-txqueuelen ip link set v0 txqueuelen 100
capture link-addrgenmode ip link set v0 addrgenmode none
capture addr-add ip addr add 10.0.0.1/24 dev v0
capture addr-add-v6 ip addr add fd00::1/64 dev v0 nodad noprefixroute
capture addr-replace ip addr replace 10.0.0.1/24 dev v0
capture addr-add-peer ip addr add 10.1.0.1 peer 10.1.0.2/32 dev v0 scope link
run ip addr add fd00::3/64 dev v0 nodad
capture vxlan-add ip link add vx0 address 02:00:00:00:00:07 up type vxlan id 7 local 10.0.0.1 dev v0 ttl 64 df set nolearning srcport 40000 50000 dstport 4789 udpcsum udp6zerocsumtx udp6zerocsumrx
capture vxlan-get ip -d link show dev vx0
capture route-add ip route add 10.244.2.0/24 via 10.0.0.2 dev v0 proto 77
capture route-link ip route add 10.244.3.7/32 dev v0
capture route-default ip route add default via 10.0.0.2
capture route-replace ip route replace 10.244.2.0/24 via 10.0.0.3 dev v0 proto 77 metric 50 src 10.0.0.1
capture route-onlink ip route add 10.244.4.0/24 via 169.254.1.1 dev v0 onlink
capture route-metrics ip route add 10.244.5.0/24 via 10.0.0.2 dev v0 mtu lock 1400 advmss 1300
capture route-multipath ip route add 10.244.6.0/24 nexthop via 10.0.0.2 dev v0 weight 1 nexthop via 10.0.0.3 dev v0 weight 5 nexthop via 169.254.1.1 dev v0 onlink
capture route-via6 ip route add 10.244.7.0/24 via inet6 fd00::2 dev v0
capture route-v6 ip -6 route add fd01::/64 via fd00::2 dev v0 table 1000
capture route-blackhole ip route add blackhole 10.245.0.0/16 table 1000
capture route-local ip route add local 10.246.0.0/16 dev lo
capture route-del ip route del 10.244.3.7/32 dev v0
capture route-error ip route add 10.247.0.0/16 via 192.0.2.1 dev v0
capture route-get ip route get 10.244.2.7
capture route-get-fibmatch ip route get fibmatch 10.244.2.7 mark 5
capture neigh-add ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0 nud permanent
capture neigh-replace ip neigh replace 10.0.0.2 lladdr 02:00:00:00:00:04 dev v0 nud reachable
capture fdb-add bridge fdb add 02:00:00:00:00:08 dev vx0 dst 10.0.0.9 self permanent
capture fdb-append bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.0.0.9
run ip link set v0 master br0
capture fdb-master bridge fdb add 02:00:00:00:00:09 dev v0 master static
run ip link set v0 nomaster
run bridge fdb add 02:00:00:00:00:0a dev vx0 dst 10.0.0.10 port 8472 vni 9 self permanent
capture fdb-del bridge fdb del 02:00:00:00:00:08 dev vx0 self
run bridge fdb add 02:00:00:00:00:08 dev vx0 dst 10.0.0.9 self permanent
capture rule-add ip rule add fwmark 0x10/0xf0 from 10.244.0.0/16 to 10.0.0.0/8 iif v0 lookup 1000 pref 1000 protocol 77
capture rule-not ip rule add not fwmark 7 lookup main suppress_prefixlength 0 pref 1001
capture rule-del ip rule del pref 1001
run ip rule add not fwmark 7 lookup main suppress_prefixlength 0 pref 1001
run ip link add ifb7 type ifb
capture tbf-add tc qdisc add dev v0 root handle 1: tbf rate 10mbit burst 32k latency 25ms
capture tbf-replace tc qdisc replace dev v0 root handle 1: tbf rate 80gbit burst 10m limit 20m
capture qdisc-ingress tc qdisc add dev v0 ingress
capture filter-mirred tc filter add dev v0 parent ffff: protocol all prio 1 u32 match u32 0 0 flowid 1:1 action mirred egress redirect dev ifb7
capture filter-matchall tc filter add dev v0 ingress protocol all prio 1 matchall action mirred egress redirect dev ifb7
capture filter-dump tc filter show dev v0 ingress
capture qdisc-dump tc qdisc show
capture filter-del tc filter del dev v0 parent ffff: prio 1
capture qdisc-del tc qdisc del dev v0 root
capture nsid-set ip netns set twcap2 42
capture link-dump ip -d link show
capture link-dump-master ip link show master br0
capture addr-dump ip addr show
capture route-dump ip route show table all
capture route-dump-v6 ip -6 route show table all
capture neigh-dump ip neigh show
capture fdb-dump bridge fdb show
capture rule-dump ip rule show
capture link-del ip link del vx0
run ip link add g0 group 9 type ifb
capture link-del-group ip link del group 9
capture link-rename ip link set v0 name v9
capture link-netns ip link set v9 netns twcap2
