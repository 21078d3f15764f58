#!/bin/sh
set -e

# router
ip netns add router
ip -n router link set lo alias "twill-lab router mode=direct families=4 empty=yes size=2x1" up
ip -n router link add lan address 0a:58:c0:a8:01:01 type bridge
ip -n router link set lan up
ip netns add internet
ip -n internet link set lo alias "twill-lab internet" up
ip -n router link add internet address 0a:58:cb:00:71:01 type veth peer name eth0 netns internet address 0a:58:cb:00:71:08
ip -n router link set internet up
ip -n internet link set eth0 up
ip netns exec router sysctl -qw net.ipv4.ip_forward=1
ip -n router addr add 192.168.1.1/24 dev lan
ip -n router addr add 203.0.113.1/24 dev internet
ip -n router route add 8.8.8.8/32 via 203.0.113.8 dev internet proto 77
ip -n internet addr add 8.8.8.8/32 dev lo
ip -n internet addr add 203.0.113.8/24 dev eth0
ip -n internet route add 192.168.1.0/24 via 203.0.113.1 dev eth0 proto 77

# node1
ip netns add node1
ip -n node1 link set lo alias "twill-lab node name=node1 index=1" up
ip netns exec node1 sysctl -eqw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
ip -n router link add node1 address 0a:59:57:84:45:42 type veth peer name eth0 netns node1 address 0a:58:c0:a8:01:0b
ip -n router link set node1 master lan up
ip -n node1 link set eth0 up
ip -n node1 addr add 192.168.1.11/24 dev eth0
ip -n node1 route add default via 192.168.1.1 dev eth0 proto 77
ip netns add blue
ip -n blue link set lo alias "twill-lab pod name=blue node=node1 number=2" up

# node2
ip netns add node2
ip -n node2 link set lo alias "twill-lab node name=node2 index=2" up
ip netns exec node2 sysctl -eqw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
ip -n router link add node2 address 0a:59:2b:b9:58:df type veth peer name eth0 netns node2 address 0a:58:c0:a8:01:0c
ip -n router link set node2 master lan up
ip -n node2 link set eth0 up
ip -n node2 addr add 192.168.1.12/24 dev eth0
ip -n node2 route add default via 192.168.1.1 dev eth0 proto 77
ip netns add red
ip -n red link set lo alias "twill-lab pod name=red node=node2 number=2" up
