#!/bin/sh
set -e

# router
ip netns add router
ip -n router link set lo alias "twill-lab router mode=direct families=6 size=2x1" up
ip -n router link add lan address 0a:58:c0:a8:01:01 type bridge
ip -n router link set lan up
ip netns add internet
ip -n internet link set lo alias "twill-lab internet" up
ip -n router link add internet address 0a:58:cb:00:71:01 type veth peer name eth0 netns internet address 0a:58:cb:00:71:08
ip -n router link set internet up
ip -n internet link set eth0 up
ip netns exec router sysctl -qw net.ipv6.conf.all.forwarding=1
ip -n router addr add fd00:192:168:1::1/64 nodad dev lan
ip -n router addr add 2001:db8:113::1/64 nodad dev internet
ip -n router route add 2001:4860:4860::8888/128 via 2001:db8:113::8 dev internet proto 77
ip -n internet addr add 2001:4860:4860::8888/128 nodad dev lo
ip -n internet addr add 2001:db8:113::8/64 nodad dev eth0
ip -n internet route add fd00:192:168:1::/64 via 2001:db8:113::1 dev eth0 proto 77

# node1
ip netns add node1
ip -n node1 link set lo alias "twill-lab node name=node1 index=1" up
ip -n router link add node1 address 0a:59:57:84:45:42 type veth peer name eth0 netns node1 address 0a:58:c0:a8:01:0b
ip -n router link set node1 master lan up
ip -n node1 link set eth0 up
ip -n node1 link add v-net-0 address 0a:58:fa:13:86:21 mtu 1500 type bridge
ip -n node1 link set v-net-0 mtu 1500 alias "twill bridge"
ip netns exec node1 sysctl -eqw net.ipv6.conf.v-net-0.accept_ra=0 net.ipv6.conf.v-net-0.autoconf=0
ip -n node1 link set v-net-0 up
ip -n node1 addr add fd00:10:244:1::1/64 dev v-net-0 nodad
ip netns exec node1 sysctl -qw net.ipv6.conf.all.forwarding=1
ip -n node1 addr add fd00:192:168:1::11/64 nodad dev eth0
ip -n node1 -6 route add default via fd00:192:168:1::1 dev eth0 proto 77
ip -n node1 route add fd00:10:244:2::/64 via fd00:192:168:1::12 dev eth0 proto 77
ip netns exec node1 nft add table inet twill
ip netns exec node1 nft 'add chain inet twill postrouting { type nat hook postrouting priority srcnat; }'
ip netns exec node1 nft 'add rule inet twill postrouting ip6 saddr fd00:10:244:1::/64 ip6 daddr != fd00:10:244:1::/64 ip6 daddr != ff00::/8 ip6 daddr != fd00:10:244::/48 ip6 daddr != fd00:192:168:1::/64 masquerade fully-random comment "twill lab fd00:10:244:1::/64 5u3j3y"'
ip netns add blue
ip -n blue link set lo alias "twill-lab pod name=blue node=node1 number=2" up
ip -n node1 link add twaznipxhw5be2e address 0e:41:ed:d0:93:44 mtu 1500 type veth peer name eth0 netns blue address 0a:58:46:f6:d3:05 mtu 1500
ip -n node1 link set twaznipxhw5be2e addrgenmode none alias "twill net=lab pod=lab/blue if=eth0 ip=fd00:10:244:1::2/64"
ip -n node1 link set twaznipxhw5be2e master v-net-0 up
ip -n blue link set lo up
ip -n blue addr add fd00:10:244:1::2/64 nodad dev eth0
ip -n blue link set eth0 up
ip -n blue -6 route add default via fd00:10:244:1::1 dev eth0
ip -n node1 link set v-net-0 alias "twill bridge last=fd00:10:244:1::2"
ip -n node1 link property add dev twaznipxhw5be2e altname twaznip-fd000010024400010000000000000002
ip -n node1 link property add dev twaznipxhw5be2e altname twill:blue:eth0

# node2
ip netns add node2
ip -n node2 link set lo alias "twill-lab node name=node2 index=2" up
ip -n router link add node2 address 0a:59:2b:b9:58:df type veth peer name eth0 netns node2 address 0a:58:c0:a8:01:0c
ip -n router link set node2 master lan up
ip -n node2 link set eth0 up
ip -n node2 link add v-net-0 address 0a:58:10:c6:3a:d2 mtu 1500 type bridge
ip -n node2 link set v-net-0 mtu 1500 alias "twill bridge"
ip netns exec node2 sysctl -eqw net.ipv6.conf.v-net-0.accept_ra=0 net.ipv6.conf.v-net-0.autoconf=0
ip -n node2 link set v-net-0 up
ip -n node2 addr add fd00:10:244:2::1/64 dev v-net-0 nodad
ip netns exec node2 sysctl -qw net.ipv6.conf.all.forwarding=1
ip -n node2 addr add fd00:192:168:1::12/64 nodad dev eth0
ip -n node2 -6 route add default via fd00:192:168:1::1 dev eth0 proto 77
ip -n node2 route add fd00:10:244:1::/64 via fd00:192:168:1::11 dev eth0 proto 77
ip netns exec node2 nft add table inet twill
ip netns exec node2 nft 'add chain inet twill postrouting { type nat hook postrouting priority srcnat; }'
ip netns exec node2 nft 'add rule inet twill postrouting ip6 saddr fd00:10:244:2::/64 ip6 daddr != fd00:10:244:2::/64 ip6 daddr != ff00::/8 ip6 daddr != fd00:10:244::/48 ip6 daddr != fd00:192:168:1::/64 masquerade fully-random comment "twill lab fd00:10:244:2::/64 q55srn"'
ip netns add red
ip -n red link set lo alias "twill-lab pod name=red node=node2 number=2" up
ip -n node2 link add twaznipx3v6vrxb address 0e:06:eb:ea:c6:e1 mtu 1500 type veth peer name eth0 netns red address 0a:58:4a:d7:70:e4 mtu 1500
ip -n node2 link set twaznipx3v6vrxb addrgenmode none alias "twill net=lab pod=lab/red if=eth0 ip=fd00:10:244:2::2/64"
ip -n node2 link set twaznipx3v6vrxb master v-net-0 up
ip -n red link set lo up
ip -n red addr add fd00:10:244:2::2/64 nodad dev eth0
ip -n red link set eth0 up
ip -n red -6 route add default via fd00:10:244:2::1 dev eth0
ip -n node2 link set v-net-0 alias "twill bridge last=fd00:10:244:2::2"
ip -n node2 link property add dev twaznipx3v6vrxb altname twaznip-fd000010024400020000000000000002
ip -n node2 link property add dev twaznipx3v6vrxb altname twill:red:eth0
