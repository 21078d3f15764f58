#!/bin/sh
set -e

# router
ip netns add router
ip -n router link set lo alias "twill-lab router mode=router families=4,6 size=2x1" up
ip -n router link add lan address 0a:58:c0:a8:01:01 type bridge
ip -n router link set lan up
ip netns add internet
ip -n internet link set lo alias "twill-lab internet" up
ip -n router link add internet address 0a:58:cb:00:71:01 type veth peer name eth0 netns internet address 0a:58:cb:00:71:08
ip -n router link set internet up
ip -n internet link set eth0 up
ip netns exec router sysctl -qw net.ipv4.ip_forward=1
ip netns exec router sysctl -qw net.ipv6.conf.all.forwarding=1
ip netns exec router sysctl -qw net.ipv4.conf.all.send_redirects=0
ip netns exec router sysctl -qw net.ipv4.conf.lan.send_redirects=0
ip -n router addr add 192.168.1.1/24 dev lan
ip -n router addr add 203.0.113.1/24 dev internet
ip -n router addr add fd00:192:168:1::1/64 nodad dev lan
ip -n router addr add 2001:db8:113::1/64 nodad dev internet
ip -n router route add 8.8.8.8/32 via 203.0.113.8 dev internet proto 77
ip -n router route add 2001:4860:4860::8888/128 via 2001:db8:113::8 dev internet proto 77
ip -n router route add 10.244.1.0/24 via 192.168.1.11 dev lan proto 77
ip -n router route add fd00:10:244:1::/64 via fd00:192:168:1::11 dev lan proto 77
ip -n router route add 10.244.2.0/24 via 192.168.1.12 dev lan proto 77
ip -n router route add fd00:10:244:2::/64 via fd00:192:168:1::12 dev lan proto 77
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
ip netns exec node1 nft add table inet twill
ip netns exec node1 nft 'add chain inet twill postrouting { type nat hook postrouting priority srcnat; }'
ip netns exec node1 nft 'add rule inet twill postrouting ip saddr 10.244.1.0/24 ip daddr != 10.244.1.0/24 ip daddr != 224.0.0.0/4 ip daddr != 10.244.0.0/16 ip daddr != 192.168.1.0/24 masquerade fully-random comment "twill lab 10.244.1.0/24 bc3v55"'
ip netns exec node1 nft 'add rule inet twill postrouting ip6 saddr fd00:10:244:1::/64 ip6 daddr != fd00:10:244:1::/64 ip6 daddr != ff00::/8 ip6 daddr != fd00:10:244::/48 ip6 daddr != fd00:192:168:1::/64 masquerade fully-random comment "twill lab fd00:10:244:1::/64 5u3j3y"'
ip netns add blue
ip -n blue link set lo alias "twill-lab pod name=blue node=node1 number=2" up
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
ip netns add web
ip -n web link set lo alias "twill-lab pod name=web node=node1 number=3 containers=http,probe" up
ip -n node1 link add twaznip0af40103 address 0e:20:13:16:ee:1f mtu 1500 type veth peer name eth0 netns web address 0a:58:0a:f4:01:03 mtu 1500
ip -n node1 link set twaznip0af40103 addrgenmode none alias "twill net=lab pod=lab/web if=eth0 ip=10.244.1.3/24,fd00:10:244:1::3/64"
ip -n node1 link set twaznip0af40103 master v-net-0 up
ip -n web link set lo up
ip -n web addr add 10.244.1.3/24 brd + dev eth0
ip -n web addr add fd00:10:244:1::3/64 nodad dev eth0
ip -n web link set eth0 up
ip -n web route add default via 10.244.1.1 dev eth0
ip -n web -6 route add default via fd00:10:244:1::1 dev eth0
ip -n node1 link set v-net-0 alias "twill bridge last=10.244.1.3"
ip -n node1 link property add dev twaznip0af40103 altname twaznip-fd000010024400010000000000000003
ip -n node1 link property add dev twaznip0af40103 altname twill:web:eth0
# container http: any process in the pod's namespace, e.g. ip netns exec web sleep infinity &
# container probe: any process in the pod's namespace, e.g. ip netns exec web sleep infinity &

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
ip netns exec node2 nft add table inet twill
ip netns exec node2 nft 'add chain inet twill postrouting { type nat hook postrouting priority srcnat; }'
ip netns exec node2 nft 'add rule inet twill postrouting ip saddr 10.244.2.0/24 ip daddr != 10.244.2.0/24 ip daddr != 224.0.0.0/4 ip daddr != 10.244.0.0/16 ip daddr != 192.168.1.0/24 masquerade fully-random comment "twill lab 10.244.2.0/24 h6hpiv"'
ip netns exec node2 nft 'add rule inet twill postrouting ip6 saddr fd00:10:244:2::/64 ip6 daddr != fd00:10:244:2::/64 ip6 daddr != ff00::/8 ip6 daddr != fd00:10:244::/48 ip6 daddr != fd00:192:168:1::/64 masquerade fully-random comment "twill lab fd00:10:244:2::/64 q55srn"'
ip netns add red
ip -n red link set lo alias "twill-lab pod name=red node=node2 number=2" up
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
