#!/bin/sh
set -e

# router
ip netns add router
ip -n router link set lo alias "twill-lab router mode=direct families=4,6 size=2x1" up
ip -n router link property add dev lo altname twill-lab:pods:web:blue,red
ip -n router link property add dev lo altname twill-lab:service:web:1:80:80:30080:lb
ip -n router link add lan address 0a:58:c0:a8:01:01 type bridge
ip -n router link set lan up
ip netns add internet
ip -n internet link set lo alias "twill-lab internet" up
ip -n router link add internet address 0a:58:cb:00:71:01 type veth peer name eth0 netns internet address 0a:58:cb:00:71:08
ip -n router link set internet up
ip -n internet link set eth0 up
ip netns exec router sysctl -qw net.ipv4.ip_forward=1
ip netns exec router sysctl -qw net.ipv6.conf.all.forwarding=1
ip -n router addr add 192.168.1.1/24 dev lan
ip -n router addr add 203.0.113.1/24 dev internet
ip -n router addr add fd00:192:168:1::1/64 nodad dev lan
ip -n router addr add 2001:db8:113::1/64 nodad dev internet
ip -n router route add 8.8.8.8/32 via 203.0.113.8 dev internet proto 77
ip -n router route add 2001:4860:4860::8888/128 via 2001:db8:113::8 dev internet proto 77
ip -n router route add 192.168.1.240/32 via 192.168.1.11 dev lan proto 77
ip -n router route add fd00:192:168:1::240/128 via fd00:192:168:1::11 dev lan proto 77
ip -n internet addr add 8.8.8.8/32 dev lo
ip -n internet addr add 203.0.113.8/24 dev eth0
ip -n internet addr add 2001:4860:4860::8888/128 nodad dev lo
ip -n internet addr add 2001:db8:113::8/64 nodad dev eth0
ip -n internet route add 192.168.1.0/24 via 203.0.113.1 dev eth0 proto 77
ip -n internet route add fd00:192:168:1::/64 via 2001:db8:113::1 dev eth0 proto 77

# node1
ip netns add node1
ip -n node1 link set lo alias "twill-lab node name=node1 index=1" up
ip -n router link add node1 address 0a:59:57:84:45:42 type veth peer name eth0 netns node1 address 0a:58:c0:a8:01:0b
ip -n router link set node1 master lan up
ip -n node1 link set eth0 up
ip -n node1 link add v-net-0 address 0a:58:0a:f4:01:01 mtu 1500 type bridge
ip -n node1 link set v-net-0 mtu 1500 alias "twill bridge"
ip netns exec node1 sysctl -eqw net.ipv6.conf.v-net-0.accept_ra=0 net.ipv6.conf.v-net-0.autoconf=0
ip -n node1 link set v-net-0 up
ip -n node1 addr add 10.244.1.1/24 dev v-net-0
ip -n node1 addr add fd00:10:244:1::1/64 dev v-net-0 nodad
ip netns exec node1 sysctl -qw net.ipv4.ip_forward=1
ip netns exec node1 sysctl -qw net.ipv6.conf.all.forwarding=1
ip -n node1 addr add 192.168.1.11/24 dev eth0
ip -n node1 addr add fd00:192:168:1::11/64 nodad dev eth0
ip -n node1 route add default via 192.168.1.1 dev eth0 proto 77
ip -n node1 -6 route add default via fd00:192:168:1::1 dev eth0 proto 77
ip -n node1 route add 10.244.2.0/24 via 192.168.1.12 dev eth0 proto 77
ip -n node1 route add fd00:10:244:2::/64 via fd00:192:168:1::12 dev eth0 proto 77
ip netns exec node1 nft add table inet twill
ip netns exec node1 nft 'add chain inet twill postrouting { type nat hook postrouting priority srcnat; }'
ip netns exec node1 nft 'add rule inet twill postrouting ip saddr 10.244.1.0/24 ip daddr != 10.244.1.0/24 ip daddr != 224.0.0.0/4 ip daddr != 10.244.0.0/16 ip daddr != 192.168.1.0/24 masquerade fully-random comment "twill lab 10.244.1.0/24 bc3v55"'
ip netns exec node1 nft 'add rule inet twill postrouting ip6 saddr fd00:10:244:1::/64 ip6 daddr != fd00:10:244:1::/64 ip6 daddr != ff00::/8 ip6 daddr != fd00:10:244::/48 ip6 daddr != fd00:192:168:1::/64 masquerade fully-random comment "twill lab fd00:10:244:1::/64 5u3j3y"'
ip netns add blue
ip -n blue link set lo alias "twill-lab pod name=blue node=node1 number=2 containers=web" up
ip -n node1 link add twaznip0af40102 address 0e:41:ed:d0:93:44 mtu 1500 type veth peer name eth0 netns blue address 0a:58:0a:f4:01:02 mtu 1500
ip -n node1 link set twaznip0af40102 addrgenmode none alias "twill net=lab pod=lab/blue if=eth0 ip=10.244.1.2/24,fd00:10:244:1::2/64"
ip -n node1 link set twaznip0af40102 master v-net-0 up
ip -n blue link set lo up
ip -n blue addr add 10.244.1.2/24 brd + dev eth0
ip -n blue addr add fd00:10:244:1::2/64 nodad dev eth0
ip -n blue link set eth0 up
ip -n blue route add default via 10.244.1.1 dev eth0
ip -n blue -6 route add default via fd00:10:244:1::1 dev eth0
ip -n node1 link set v-net-0 alias "twill bridge last=10.244.1.2"
ip -n node1 link property add dev twaznip0af40102 altname twaznip-fd000010024400010000000000000002
ip -n node1 link property add dev twaznip0af40102 altname twill:blue:eth0
# container web: any process in the pod's namespace, e.g. ip netns exec blue sleep infinity &

# node2
ip netns add node2
ip -n node2 link set lo alias "twill-lab node name=node2 index=2" up
ip -n router link add node2 address 0a:59:2b:b9:58:df type veth peer name eth0 netns node2 address 0a:58:c0:a8:01:0c
ip -n router link set node2 master lan up
ip -n node2 link set eth0 up
ip -n node2 link add v-net-0 address 0a:58:0a:f4:02:01 mtu 1500 type bridge
ip -n node2 link set v-net-0 mtu 1500 alias "twill bridge"
ip netns exec node2 sysctl -eqw net.ipv6.conf.v-net-0.accept_ra=0 net.ipv6.conf.v-net-0.autoconf=0
ip -n node2 link set v-net-0 up
ip -n node2 addr add 10.244.2.1/24 dev v-net-0
ip -n node2 addr add fd00:10:244:2::1/64 dev v-net-0 nodad
ip netns exec node2 sysctl -qw net.ipv4.ip_forward=1
ip netns exec node2 sysctl -qw net.ipv6.conf.all.forwarding=1
ip -n node2 addr add 192.168.1.12/24 dev eth0
ip -n node2 addr add fd00:192:168:1::12/64 nodad dev eth0
ip -n node2 route add default via 192.168.1.1 dev eth0 proto 77
ip -n node2 -6 route add default via fd00:192:168:1::1 dev eth0 proto 77
ip -n node2 route add 10.244.1.0/24 via 192.168.1.11 dev eth0 proto 77
ip -n node2 route add fd00:10:244:1::/64 via fd00:192:168:1::11 dev eth0 proto 77
ip netns exec node2 nft add table inet twill
ip netns exec node2 nft 'add chain inet twill postrouting { type nat hook postrouting priority srcnat; }'
ip netns exec node2 nft 'add rule inet twill postrouting ip saddr 10.244.2.0/24 ip daddr != 10.244.2.0/24 ip daddr != 224.0.0.0/4 ip daddr != 10.244.0.0/16 ip daddr != 192.168.1.0/24 masquerade fully-random comment "twill lab 10.244.2.0/24 h6hpiv"'
ip netns exec node2 nft 'add rule inet twill postrouting ip6 saddr fd00:10:244:2::/64 ip6 daddr != fd00:10:244:2::/64 ip6 daddr != ff00::/8 ip6 daddr != fd00:10:244::/48 ip6 daddr != fd00:192:168:1::/64 masquerade fully-random comment "twill lab fd00:10:244:2::/64 q55srn"'
ip netns add red
ip -n red link set lo alias "twill-lab pod name=red node=node2 number=2 containers=web" up
ip -n node2 link add twaznip0af40202 address 0e:06:eb:ea:c6:e1 mtu 1500 type veth peer name eth0 netns red address 0a:58:0a:f4:02:02 mtu 1500
ip -n node2 link set twaznip0af40202 addrgenmode none alias "twill net=lab pod=lab/red if=eth0 ip=10.244.2.2/24,fd00:10:244:2::2/64"
ip -n node2 link set twaznip0af40202 master v-net-0 up
ip -n red link set lo up
ip -n red addr add 10.244.2.2/24 brd + dev eth0
ip -n red addr add fd00:10:244:2::2/64 nodad dev eth0
ip -n red link set eth0 up
ip -n red route add default via 10.244.2.1 dev eth0
ip -n red -6 route add default via fd00:10:244:2::1 dev eth0
ip -n node2 link set v-net-0 alias "twill bridge last=10.244.2.2"
ip -n node2 link property add dev twaznip0af40202 altname twaznip-fd000010024400020000000000000002
ip -n node2 link property add dev twaznip0af40202 altname twill:red:eth0
# container web: any process in the pod's namespace, e.g. ip netns exec red sleep infinity &

# node1
ip -n node1 link set v-net-0 type bridge nf_call_iptables 1 nf_call_ip6tables 1
bridge -n node1 link set dev twaznip0af40102 hairpin on
ip netns exec node1 nft -f - <<'END'
add table inet twill-services
delete table inet twill-services
add table inet twill-services
add map inet twill-services services4 { type ipv4_addr . inet_proto . inet_service : verdict; counter; }
add map inet twill-services inside4 { type ipv4_addr . inet_proto . inet_service : verdict; counter; }
add map inet twill-services endpoints4 { typeof ip daddr . meta l4proto . th dport . numgen random mod 2 : ip daddr . th dport; }
add map inet twill-services inside-endpoints4 { typeof ip daddr . meta l4proto . th dport . numgen random mod 2 : ip daddr . th dport; }
add map inet twill-services picks4 { typeof ip daddr . meta l4proto . th dport . numgen random mod 2 : meta priority; }
add map inet twill-services inside-picks4 { typeof ip daddr . meta l4proto . th dport . numgen random mod 2 : meta priority; }
add map inet twill-services live4 { type ipv4_addr . inet_proto . inet_service . classid : ipv4_addr . inet_service; }
add map inet twill-services inside-live4 { type ipv4_addr . inet_proto . inet_service . classid : ipv4_addr . inet_service; }
add set inet twill-services hairpin4 { type ipv4_addr . ipv4_addr; }
add set inet twill-services masquerade4 { type ipv4_addr . inet_proto . inet_service; }
add set inet twill-services restricted4 { type ipv4_addr . inet_proto . inet_service; }
add set inet twill-services ranges4 { type ipv4_addr . inet_proto . inet_service . ipv4_addr; flags interval; }
add set inet twill-services addresses4 { type ipv4_addr; }
add set inet twill-services pods4 { type ipv4_addr; flags interval; }
add map inet twill-services affinity4 { typeof ip daddr . meta l4proto . th dport . ip daddr : meta priority; size 262144; flags dynamic,timeout; }
add map inet twill-services services6 { type ipv6_addr . inet_proto . inet_service : verdict; counter; }
add map inet twill-services inside6 { type ipv6_addr . inet_proto . inet_service : verdict; counter; }
add map inet twill-services endpoints6 { typeof ip6 daddr . meta l4proto . th dport . numgen random mod 2 : ip6 daddr . th dport; }
add map inet twill-services inside-endpoints6 { typeof ip6 daddr . meta l4proto . th dport . numgen random mod 2 : ip6 daddr . th dport; }
add map inet twill-services picks6 { typeof ip6 daddr . meta l4proto . th dport . numgen random mod 2 : meta priority; }
add map inet twill-services inside-picks6 { typeof ip6 daddr . meta l4proto . th dport . numgen random mod 2 : meta priority; }
add map inet twill-services live6 { type ipv6_addr . inet_proto . inet_service . classid : ipv6_addr . inet_service; }
add map inet twill-services inside-live6 { type ipv6_addr . inet_proto . inet_service . classid : ipv6_addr . inet_service; }
add set inet twill-services hairpin6 { type ipv6_addr . ipv6_addr; }
add set inet twill-services masquerade6 { type ipv6_addr . inet_proto . inet_service; }
add set inet twill-services restricted6 { type ipv6_addr . inet_proto . inet_service; }
add set inet twill-services ranges6 { type ipv6_addr . inet_proto . inet_service . ipv6_addr; flags interval; }
add set inet twill-services addresses6 { type ipv6_addr; }
add set inet twill-services pods6 { type ipv6_addr; flags interval; }
add map inet twill-services affinity6 { typeof numgen random mod 2 . numgen random mod 2 : meta priority; size 262144; flags dynamic,timeout; }
add chain inet twill-services refuse
add chain inet twill-services services
add chain inet twill-services prerouting { type nat hook prerouting priority dstnat - 5; policy accept; }
add chain inet twill-services output { type nat hook output priority -105; policy accept; }
add chain inet twill-services postrouting { type nat hook postrouting priority srcnat - 5; policy accept; }
add chain inet twill-services random2-v4
add chain inet twill-services random2-v6
add rule inet twill-services refuse meta l4proto tcp reject with tcp reset
add rule inet twill-services refuse reject
add rule inet twill-services services ip daddr . meta l4proto . th dport @restricted4 ip daddr . meta l4proto . th dport . ip saddr != @ranges4 drop
add rule inet twill-services services ip saddr @pods4 ip daddr . meta l4proto . th dport vmap @inside4
add rule inet twill-services services fib saddr type local ip daddr . meta l4proto . th dport vmap @inside4
add rule inet twill-services services ip daddr . meta l4proto . th dport vmap @services4
add rule inet twill-services services ip daddr @addresses4 goto refuse
add rule inet twill-services services ip6 daddr . meta l4proto . th dport @restricted6 ip6 daddr . meta l4proto . th dport . ip6 saddr != @ranges6 drop
add rule inet twill-services services ip6 saddr @pods6 ip6 daddr . meta l4proto . th dport vmap @inside6
add rule inet twill-services services fib saddr type local ip6 daddr . meta l4proto . th dport vmap @inside6
add rule inet twill-services services ip6 daddr . meta l4proto . th dport vmap @services6
add rule inet twill-services services ip6 daddr @addresses6 goto refuse
add rule inet twill-services prerouting goto services
add rule inet twill-services output goto services
add rule inet twill-services postrouting ct status dnat ip saddr . ip daddr @hairpin4 masquerade fully-random
add rule inet twill-services postrouting ct status dnat meta l4proto tcp ct original ip daddr . meta l4proto . ct original proto-dst @masquerade4 ip saddr != @pods4 fib saddr type != local masquerade fully-random
add rule inet twill-services postrouting ct status dnat meta l4proto udp ct original ip daddr . meta l4proto . ct original proto-dst @masquerade4 ip saddr != @pods4 fib saddr type != local masquerade fully-random
add rule inet twill-services postrouting ct status dnat meta l4proto sctp ct original ip daddr . meta l4proto . ct original proto-dst @masquerade4 ip saddr != @pods4 fib saddr type != local masquerade fully-random
add rule inet twill-services postrouting ct status dnat ip6 saddr . ip6 daddr @hairpin6 masquerade fully-random
add rule inet twill-services postrouting ct status dnat meta l4proto tcp ct original ip6 daddr . meta l4proto . ct original proto-dst @masquerade6 ip6 saddr != @pods6 fib saddr type != local masquerade fully-random
add rule inet twill-services postrouting ct status dnat meta l4proto udp ct original ip6 daddr . meta l4proto . ct original proto-dst @masquerade6 ip6 saddr != @pods6 fib saddr type != local masquerade fully-random
add rule inet twill-services postrouting ct status dnat meta l4proto sctp ct original ip6 daddr . meta l4proto . ct original proto-dst @masquerade6 ip6 saddr != @pods6 fib saddr type != local masquerade fully-random
add rule inet twill-services random2-v4 dnat ip addr . port to ip daddr . meta l4proto . th dport . numgen random mod 2 map @endpoints4
add rule inet twill-services random2-v6 dnat ip6 addr . port to ip6 daddr . meta l4proto . th dport . numgen random mod 2 map @endpoints6
add element inet twill-services hairpin4 { 10.244.1.2 . 10.244.1.2 }
add element inet twill-services hairpin6 { fd00:10:244:1::2 . fd00:10:244:1::2 }
add element inet twill-services pods4 { 10.244.1.0/24 }
add element inet twill-services pods6 { fd00:10:244:1::/64 }
add element inet twill-services services4 { 10.96.0.1 . tcp . 80 comment "lab/web" : goto random2-v4 }
add element inet twill-services masquerade4 { 10.96.0.1 . tcp . 80 }
add element inet twill-services endpoints4 { 10.96.0.1 . tcp . 80 . 0 : 10.244.1.2 . 80 }
add element inet twill-services endpoints4 { 10.96.0.1 . tcp . 80 . 1 : 10.244.2.2 . 80 }
add element inet twill-services services6 { fd00:10:96::1 . tcp . 80 comment "lab/web" : goto random2-v6 }
add element inet twill-services masquerade6 { fd00:10:96::1 . tcp . 80 }
add element inet twill-services endpoints6 { fd00:10:96::1 . tcp . 80 . 0 : fd00:10:244:1::2 . 80 }
add element inet twill-services endpoints6 { fd00:10:96::1 . tcp . 80 . 1 : fd00:10:244:2::2 . 80 }
add element inet twill-services services4 { 192.168.1.240 . tcp . 80 comment "lab/web" : goto random2-v4 }
add element inet twill-services masquerade4 { 192.168.1.240 . tcp . 80 }
add element inet twill-services endpoints4 { 192.168.1.240 . tcp . 80 . 0 : 10.244.1.2 . 80 }
add element inet twill-services endpoints4 { 192.168.1.240 . tcp . 80 . 1 : 10.244.2.2 . 80 }
add element inet twill-services services6 { fd00:192:168:1::240 . tcp . 80 comment "lab/web" : goto random2-v6 }
add element inet twill-services masquerade6 { fd00:192:168:1::240 . tcp . 80 }
add element inet twill-services endpoints6 { fd00:192:168:1::240 . tcp . 80 . 0 : fd00:10:244:1::2 . 80 }
add element inet twill-services endpoints6 { fd00:192:168:1::240 . tcp . 80 . 1 : fd00:10:244:2::2 . 80 }
add element inet twill-services services4 { 192.168.1.11 . tcp . 30080 comment "lab/web" : goto random2-v4 }
add element inet twill-services masquerade4 { 192.168.1.11 . tcp . 30080 }
add element inet twill-services endpoints4 { 192.168.1.11 . tcp . 30080 . 0 : 10.244.1.2 . 80 }
add element inet twill-services endpoints4 { 192.168.1.11 . tcp . 30080 . 1 : 10.244.2.2 . 80 }
add element inet twill-services services6 { fd00:192:168:1::11 . tcp . 30080 comment "lab/web" : goto random2-v6 }
add element inet twill-services masquerade6 { fd00:192:168:1::11 . tcp . 30080 }
add element inet twill-services endpoints6 { fd00:192:168:1::11 . tcp . 30080 . 0 : fd00:10:244:1::2 . 80 }
add element inet twill-services endpoints6 { fd00:192:168:1::11 . tcp . 30080 . 1 : fd00:10:244:2::2 . 80 }
add element inet twill-services addresses4 { 10.96.0.1 }
add element inet twill-services addresses6 { fd00:10:96::1 }
END

# node2
ip -n node2 link set v-net-0 type bridge nf_call_iptables 1 nf_call_ip6tables 1
bridge -n node2 link set dev twaznip0af40202 hairpin on
ip netns exec node2 nft -f - <<'END'
add table inet twill-services
delete table inet twill-services
add table inet twill-services
add map inet twill-services services4 { type ipv4_addr . inet_proto . inet_service : verdict; counter; }
add map inet twill-services inside4 { type ipv4_addr . inet_proto . inet_service : verdict; counter; }
add map inet twill-services endpoints4 { typeof ip daddr . meta l4proto . th dport . numgen random mod 2 : ip daddr . th dport; }
add map inet twill-services inside-endpoints4 { typeof ip daddr . meta l4proto . th dport . numgen random mod 2 : ip daddr . th dport; }
add map inet twill-services picks4 { typeof ip daddr . meta l4proto . th dport . numgen random mod 2 : meta priority; }
add map inet twill-services inside-picks4 { typeof ip daddr . meta l4proto . th dport . numgen random mod 2 : meta priority; }
add map inet twill-services live4 { type ipv4_addr . inet_proto . inet_service . classid : ipv4_addr . inet_service; }
add map inet twill-services inside-live4 { type ipv4_addr . inet_proto . inet_service . classid : ipv4_addr . inet_service; }
add set inet twill-services hairpin4 { type ipv4_addr . ipv4_addr; }
add set inet twill-services masquerade4 { type ipv4_addr . inet_proto . inet_service; }
add set inet twill-services restricted4 { type ipv4_addr . inet_proto . inet_service; }
add set inet twill-services ranges4 { type ipv4_addr . inet_proto . inet_service . ipv4_addr; flags interval; }
add set inet twill-services addresses4 { type ipv4_addr; }
add set inet twill-services pods4 { type ipv4_addr; flags interval; }
add map inet twill-services affinity4 { typeof ip daddr . meta l4proto . th dport . ip daddr : meta priority; size 262144; flags dynamic,timeout; }
add map inet twill-services services6 { type ipv6_addr . inet_proto . inet_service : verdict; counter; }
add map inet twill-services inside6 { type ipv6_addr . inet_proto . inet_service : verdict; counter; }
add map inet twill-services endpoints6 { typeof ip6 daddr . meta l4proto . th dport . numgen random mod 2 : ip6 daddr . th dport; }
add map inet twill-services inside-endpoints6 { typeof ip6 daddr . meta l4proto . th dport . numgen random mod 2 : ip6 daddr . th dport; }
add map inet twill-services picks6 { typeof ip6 daddr . meta l4proto . th dport . numgen random mod 2 : meta priority; }
add map inet twill-services inside-picks6 { typeof ip6 daddr . meta l4proto . th dport . numgen random mod 2 : meta priority; }
add map inet twill-services live6 { type ipv6_addr . inet_proto . inet_service . classid : ipv6_addr . inet_service; }
add map inet twill-services inside-live6 { type ipv6_addr . inet_proto . inet_service . classid : ipv6_addr . inet_service; }
add set inet twill-services hairpin6 { type ipv6_addr . ipv6_addr; }
add set inet twill-services masquerade6 { type ipv6_addr . inet_proto . inet_service; }
add set inet twill-services restricted6 { type ipv6_addr . inet_proto . inet_service; }
add set inet twill-services ranges6 { type ipv6_addr . inet_proto . inet_service . ipv6_addr; flags interval; }
add set inet twill-services addresses6 { type ipv6_addr; }
add set inet twill-services pods6 { type ipv6_addr; flags interval; }
add map inet twill-services affinity6 { typeof numgen random mod 2 . numgen random mod 2 : meta priority; size 262144; flags dynamic,timeout; }
add chain inet twill-services refuse
add chain inet twill-services services
add chain inet twill-services prerouting { type nat hook prerouting priority dstnat - 5; policy accept; }
add chain inet twill-services output { type nat hook output priority -105; policy accept; }
add chain inet twill-services postrouting { type nat hook postrouting priority srcnat - 5; policy accept; }
add chain inet twill-services random2-v4
add chain inet twill-services random2-v6
add rule inet twill-services refuse meta l4proto tcp reject with tcp reset
add rule inet twill-services refuse reject
add rule inet twill-services services ip daddr . meta l4proto . th dport @restricted4 ip daddr . meta l4proto . th dport . ip saddr != @ranges4 drop
add rule inet twill-services services ip saddr @pods4 ip daddr . meta l4proto . th dport vmap @inside4
add rule inet twill-services services fib saddr type local ip daddr . meta l4proto . th dport vmap @inside4
add rule inet twill-services services ip daddr . meta l4proto . th dport vmap @services4
add rule inet twill-services services ip daddr @addresses4 goto refuse
add rule inet twill-services services ip6 daddr . meta l4proto . th dport @restricted6 ip6 daddr . meta l4proto . th dport . ip6 saddr != @ranges6 drop
add rule inet twill-services services ip6 saddr @pods6 ip6 daddr . meta l4proto . th dport vmap @inside6
add rule inet twill-services services fib saddr type local ip6 daddr . meta l4proto . th dport vmap @inside6
add rule inet twill-services services ip6 daddr . meta l4proto . th dport vmap @services6
add rule inet twill-services services ip6 daddr @addresses6 goto refuse
add rule inet twill-services prerouting goto services
add rule inet twill-services output goto services
add rule inet twill-services postrouting ct status dnat ip saddr . ip daddr @hairpin4 masquerade fully-random
add rule inet twill-services postrouting ct status dnat meta l4proto tcp ct original ip daddr . meta l4proto . ct original proto-dst @masquerade4 ip saddr != @pods4 fib saddr type != local masquerade fully-random
add rule inet twill-services postrouting ct status dnat meta l4proto udp ct original ip daddr . meta l4proto . ct original proto-dst @masquerade4 ip saddr != @pods4 fib saddr type != local masquerade fully-random
add rule inet twill-services postrouting ct status dnat meta l4proto sctp ct original ip daddr . meta l4proto . ct original proto-dst @masquerade4 ip saddr != @pods4 fib saddr type != local masquerade fully-random
add rule inet twill-services postrouting ct status dnat ip6 saddr . ip6 daddr @hairpin6 masquerade fully-random
add rule inet twill-services postrouting ct status dnat meta l4proto tcp ct original ip6 daddr . meta l4proto . ct original proto-dst @masquerade6 ip6 saddr != @pods6 fib saddr type != local masquerade fully-random
add rule inet twill-services postrouting ct status dnat meta l4proto udp ct original ip6 daddr . meta l4proto . ct original proto-dst @masquerade6 ip6 saddr != @pods6 fib saddr type != local masquerade fully-random
add rule inet twill-services postrouting ct status dnat meta l4proto sctp ct original ip6 daddr . meta l4proto . ct original proto-dst @masquerade6 ip6 saddr != @pods6 fib saddr type != local masquerade fully-random
add rule inet twill-services random2-v4 dnat ip addr . port to ip daddr . meta l4proto . th dport . numgen random mod 2 map @endpoints4
add rule inet twill-services random2-v6 dnat ip6 addr . port to ip6 daddr . meta l4proto . th dport . numgen random mod 2 map @endpoints6
add element inet twill-services hairpin4 { 10.244.2.2 . 10.244.2.2 }
add element inet twill-services hairpin6 { fd00:10:244:2::2 . fd00:10:244:2::2 }
add element inet twill-services pods4 { 10.244.2.0/24 }
add element inet twill-services pods6 { fd00:10:244:2::/64 }
add element inet twill-services services4 { 10.96.0.1 . tcp . 80 comment "lab/web" : goto random2-v4 }
add element inet twill-services masquerade4 { 10.96.0.1 . tcp . 80 }
add element inet twill-services endpoints4 { 10.96.0.1 . tcp . 80 . 0 : 10.244.1.2 . 80 }
add element inet twill-services endpoints4 { 10.96.0.1 . tcp . 80 . 1 : 10.244.2.2 . 80 }
add element inet twill-services services6 { fd00:10:96::1 . tcp . 80 comment "lab/web" : goto random2-v6 }
add element inet twill-services masquerade6 { fd00:10:96::1 . tcp . 80 }
add element inet twill-services endpoints6 { fd00:10:96::1 . tcp . 80 . 0 : fd00:10:244:1::2 . 80 }
add element inet twill-services endpoints6 { fd00:10:96::1 . tcp . 80 . 1 : fd00:10:244:2::2 . 80 }
add element inet twill-services services4 { 192.168.1.240 . tcp . 80 comment "lab/web" : goto random2-v4 }
add element inet twill-services masquerade4 { 192.168.1.240 . tcp . 80 }
add element inet twill-services endpoints4 { 192.168.1.240 . tcp . 80 . 0 : 10.244.1.2 . 80 }
add element inet twill-services endpoints4 { 192.168.1.240 . tcp . 80 . 1 : 10.244.2.2 . 80 }
add element inet twill-services services6 { fd00:192:168:1::240 . tcp . 80 comment "lab/web" : goto random2-v6 }
add element inet twill-services masquerade6 { fd00:192:168:1::240 . tcp . 80 }
add element inet twill-services endpoints6 { fd00:192:168:1::240 . tcp . 80 . 0 : fd00:10:244:1::2 . 80 }
add element inet twill-services endpoints6 { fd00:192:168:1::240 . tcp . 80 . 1 : fd00:10:244:2::2 . 80 }
add element inet twill-services services4 { 192.168.1.12 . tcp . 30080 comment "lab/web" : goto random2-v4 }
add element inet twill-services masquerade4 { 192.168.1.12 . tcp . 30080 }
add element inet twill-services endpoints4 { 192.168.1.12 . tcp . 30080 . 0 : 10.244.1.2 . 80 }
add element inet twill-services endpoints4 { 192.168.1.12 . tcp . 30080 . 1 : 10.244.2.2 . 80 }
add element inet twill-services services6 { fd00:192:168:1::12 . tcp . 30080 comment "lab/web" : goto random2-v6 }
add element inet twill-services masquerade6 { fd00:192:168:1::12 . tcp . 30080 }
add element inet twill-services endpoints6 { fd00:192:168:1::12 . tcp . 30080 . 0 : fd00:10:244:1::2 . 80 }
add element inet twill-services endpoints6 { fd00:192:168:1::12 . tcp . 30080 . 1 : fd00:10:244:2::2 . 80 }
add element inet twill-services addresses4 { 10.96.0.1 }
add element inet twill-services addresses6 { fd00:10:96::1 }
END
