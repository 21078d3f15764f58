using Twill.Linux.Nft.Expressions;
using Twill.Linux.Route;
using Twill.Linux.Uapi;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft;

public static partial class Nft
{
    private static NftAddressSelector Address(string text, bool v6, uint offset) => new(
        text,
        v6,
        c => c.NeedNetwork(v6),
        (c, register) => c.Add(new NftPayload(register, NFT_PAYLOAD_NETWORK_HEADER, offset, v6 ? 16u : 4u)),
        (c, length) => c.Add(new NftPayload(NftRegister.First, NFT_PAYLOAD_NETWORK_HEADER, offset, (uint)length)));

    private static NftPortSelector Port(string text, byte? protocol, uint offset) => new(
        text,
        protocol is { } needed ? c => c.NeedTransport(needed) : null,
        (c, register) => c.Add(new NftPayload(register, NFT_PAYLOAD_TRANSPORT_HEADER, offset, 2)));

    /// <summary>The IPv4 header.</summary>
    public static class Ip
    {
        public static NftAddressSelector Saddr { get; } = Address("ip saddr", false, 12);

        public static NftAddressSelector Daddr { get; } = Address("ip daddr", false, 16);

        public static NftByteSelector Protocol { get; } = new(
            "ip protocol", NftType.InetProto, NftText.Protocol, c => c.NeedNetwork(false),
            (c, register) => c.Add(new NftPayload(register, NFT_PAYLOAD_NETWORK_HEADER, 9, 1)), (c, protocol) => c.KnowTransport(protocol));
    }

    /// <summary>The IPv6 header.</summary>
    public static class Ip6
    {
        public static NftAddressSelector Saddr { get; } = Address("ip6 saddr", true, 8);

        public static NftAddressSelector Daddr { get; } = Address("ip6 daddr", true, 24);

        public static NftByteSelector Nexthdr { get; } = new(
            "ip6 nexthdr", NftType.InetProto, NftText.Protocol, c => c.NeedNetwork(true),
            (c, register) => c.Add(new NftPayload(register, NFT_PAYLOAD_NETWORK_HEADER, 6, 1)), (c, protocol) => c.KnowTransport(protocol));
    }

    public static class Tcp
    {
        public static NftPortSelector Sport { get; } = Port("tcp sport", TcpProtocol, 0);

        public static NftPortSelector Dport { get; } = Port("tcp dport", TcpProtocol, 2);

        /// <summary>Like: tcp flags syn / syn,rst. Bits as in the header: fin 1, syn 2, rst 4, psh 8, ack 16.</summary>
        public static NftStatement Flags(byte value, byte mask) => new($"tcp flags & 0x{mask:x2} == 0x{value:x2}", c =>
        {
            c.NeedTransport(TcpProtocol);
            c.Add(new NftPayload(NftRegister.First, NFT_PAYLOAD_TRANSPORT_HEADER, 13, 1));
            c.Add(new NftBitwise(NftRegister.First, NftRegister.First, NftBytes.U8(mask), NftBytes.U8(0)));
            c.Add(new NftCmp(NftRegister.First, NFT_CMP_EQ, NftBytes.U8(value)));
        });

        /// <summary>Writes the largest segment that the route carries. Like: tcp option maxseg size set rt mtu.</summary>
        /// <remarks>The kernel must have the exthdr expression (CONFIG_NFT_EXTHDR), else EOPNOTSUPP.</remarks>
        public static NftStatement ClampMss { get; } = new("tcp option maxseg size set rt mtu", static c =>
        {
            c.Add(new NftRt(NFT_RT_TCPMSS, NftRegister.First));
            c.Add(new NftByteorder(NftRegister.First, NftRegister.First, NFT_BYTEORDER_HTON, 2, 2));
            c.Add(new NftTcpOptionSet(NftRegister.First, 2, 2, 2));
        });
    }

    public static class Udp
    {
        public static NftPortSelector Sport { get; } = Port("udp sport", UdpProtocol, 0);

        public static NftPortSelector Dport { get; } = Port("udp dport", UdpProtocol, 2);
    }

    /// <summary>Ports of whatever transport it is; match meta l4proto beside it.</summary>
    public static class Th
    {
        public static NftPortSelector Sport { get; } = Port("th sport", null, 0);

        public static NftPortSelector Dport { get; } = Port("th dport", null, 2);
    }

    public static NftByteSelector IcmpType { get; } = new(
        "icmp type", NftType.IcmpType, NftText.Icmp, c =>
        {
            c.NeedNetwork(false);
            c.NeedTransport(Icmp);
        },
        (c, register) => c.Add(new NftPayload(register, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1)));

    public static NftByteSelector Icmpv6Type { get; } = new(
        "icmpv6 type", NftType.Icmpv6Type, NftText.Icmpv6, c =>
        {
            c.NeedNetwork(true);
            c.NeedTransport(Icmpv6);
        },
        (c, register) => c.Add(new NftPayload(register, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1)));

    public static class Ether
    {
        /// <summary>Like: ether saddr 02:00:00:00:00:01.</summary>
        public static NftStatement Saddr(MacAddress mac) => Match("ether saddr", 6, mac, NFT_CMP_EQ, "");

        public static NftStatement SaddrNot(MacAddress mac) => Match("ether saddr", 6, mac, NFT_CMP_NEQ, "!= ");

        public static NftStatement Daddr(MacAddress mac) => Match("ether daddr", 0, mac, NFT_CMP_EQ, "");

        private static NftStatement Match(string text, uint offset, MacAddress mac, uint op, string words) => new($"{text} {words}{mac}", c =>
        {
            c.NeedEthernet();
            c.Add(new NftPayload(NftRegister.First, NFT_PAYLOAD_LL_HEADER, offset, MacAddress.Length));
            c.Add(new NftCmp(NftRegister.First, op, NftBytes.Of(mac)));
        });
    }

    public static class Meta
    {
        public static NftNameSelector Iifname { get; } = new("iifname", Load(NFT_META_IIFNAME));

        public static NftNameSelector Oifname { get; } = new("oifname", Load(NFT_META_OIFNAME));

        /// <summary>By index: stays with the interface when it is renamed, is gone when it is made anew.</summary>
        public static NftNumberSelector Iif { get; } = new("iif", NftType.IfIndex, v => v.ToString(), NftBytes.U32, Load(NFT_META_IIF));

        public static NftNumberSelector Oif { get; } = new("oif", NftType.IfIndex, v => v.ToString(), NftBytes.U32, Load(NFT_META_OIF));

        public static NftNumberSelector Mark { get; } = new(
            "meta mark", NftType.Mark, v => $"0x{v:x8}", NftBytes.U32, Load(NFT_META_MARK), register => new NftMetaSet(NFT_META_MARK, register));

        /// <summary>The packet's class for queues, the only number of 32 bits that a rule may keep for a later look-up besides marks.</summary>
        public static NftNumberSelector Priority { get; } = new(
            "meta priority", NftType.ClassId, NftType.ClassText, NftBytes.U32, Load(NFT_META_PRIORITY), register => new NftMetaSet(NFT_META_PRIORITY, register));

        public static NftByteSelector L4Proto { get; } = new("meta l4proto", NftType.InetProto, NftText.Protocol, null, Load(NFT_META_L4PROTO), (c, protocol) => c.KnowTransport(protocol));

        public static NftByteSelector Nfproto { get; } = new(
            "meta nfproto", NftType.NfProto, v => v switch { NfnetlinkUapi.NFPROTO_IPV4 => "ipv4", NfnetlinkUapi.NFPROTO_IPV6 => "ipv6", _ => v.ToString() },
            null, Load(NFT_META_NFPROTO), (c, nfproto) => c.KnowNetwork(nfproto));

        /// <summary>host 0, broadcast 1, multicast 2, other 3.</summary>
        public static NftByteSelector Pkttype { get; } = new(
            "meta pkttype", NftType.PktType, v => v switch { 0 => "host", 1 => "broadcast", 2 => "multicast", _ => "other" }, null, Load(NFT_META_PKTTYPE));

        /// <summary>Like: meta protocol ip. The Ethernet type.</summary>
        public static NftStatement Protocol(bool v6) => new($"meta protocol {(v6 ? "ip6" : "ip")}", c =>
        {
            c.Add(new NftMeta(NFT_META_PROTOCOL, NftRegister.First));
            c.Add(new NftCmp(NftRegister.First, NFT_CMP_EQ, NftBytes.U16Be(v6 ? (ushort)0x86dd : (ushort)0x0800)));
            c.KnowNetwork(v6 ? NfnetlinkUapi.NFPROTO_IPV6 : NfnetlinkUapi.NFPROTO_IPV4);
        });

        /// <summary>The packet's further way is told to listeners on NFNLGRP_NFTRACE.</summary>
        public static NftStatement Trace { get; } = new("meta nftrace set 1", static c =>
        {
            c.Add(new NftImmediate(NftRegister.First, NftBytes.U8(1)));
            c.Add(new NftMetaSet(NFT_META_NFTRACE, NftRegister.First));
        });

        private static Action<NftCompiler, NftRegister> Load(uint key) => (c, register) => c.Add(new NftMeta(key, register));
    }
}
