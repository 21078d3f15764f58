using System.Buffers.Binary;
using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Uapi;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft;

public enum NftTraceKind
{
    Unknown = 0,

    /// <summary>The chain's end: its policy decides.</summary>
    Policy = (int)NFT_TRACETYPE_POLICY,

    /// <summary>Back to the calling chain.</summary>
    Return = (int)NFT_TRACETYPE_RETURN,

    /// <summary>A rule matched.</summary>
    Rule = (int)NFT_TRACETYPE_RULE,
}

/// <summary>One step of a traced packet (meta nftrace set 1) through the ruleset. Like: nft monitor trace.</summary>
/// <param name="Id">The same for all steps of one packet.</param>
/// <param name="RuleHandle">Of the rule that matched; 0 for other kinds.</param>
/// <param name="Verdict">What the rule said, or the policy.</param>
public sealed record NftTrace(uint Id, NftTraceKind Kind, NftFamily Family, string Table, string Chain, ulong RuleHandle, NftVerdict? Verdict)
{
    /// <summary>NFPROTO of the packet itself.</summary>
    public NftFamily PacketFamily { get; init; }

    /// <summary>Index of the interface it came in by; 0: none.</summary>
    public uint Iif { get; init; }

    /// <summary>Index of the interface it goes out by; 0: none or not known yet.</summary>
    public uint Oif { get; init; }

    public uint Mark { get; init; }

    /// <summary>The kernel sends headers with a packet's first step only; empty in the others.</summary>
    public NftBytes LinkLayer { get; init; }

    public NftBytes Network { get; init; }

    public NftBytes Transport { get; init; }

    /// <summary>Addresses and ports out of the headers; null without them.</summary>
    public NftPacket? Packet => NftPacket.Read(Network.Span, Transport.Span);

    /// <exception cref="NetlinkProtocolException">Malformed.</exception>
    public static NftTrace Read(in NetlinkMessage message)
    {
        uint id = 0, type = 0, iif = 0, oif = 0, mark = 0, nfproto = 0;
        uint? policy = null;
        ulong handle = 0;
        string table = "", chain = "";
        NftVerdict? verdict = null;
        NftBytes link = default, network = default, transport = default;
        AttributeReader attributes = message.Attributes<NfnetlinkUapi.NfGenMsg>();
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case NFTA_TRACE_ID: id = attributes.U32Be(); break;
                case NFTA_TRACE_TYPE: type = attributes.U32Be(); break;
                case NFTA_TRACE_TABLE: table = attributes.String(); break;
                case NFTA_TRACE_CHAIN: chain = attributes.String(); break;
                case NFTA_TRACE_RULE_HANDLE: handle = attributes.U64Be(); break;
                case NFTA_TRACE_VERDICT: verdict = NftVerdict.Read(attributes.Nested()); break;
                case NFTA_TRACE_POLICY: policy = attributes.U32Be(); break;
                case NFTA_TRACE_IIF: iif = attributes.U32Be(); break;
                case NFTA_TRACE_OIF: oif = attributes.U32Be(); break;
                case NFTA_TRACE_MARK: mark = attributes.U32Be(); break;
                case NFTA_TRACE_NFPROTO: nfproto = attributes.U32Be(); break;
                case NFTA_TRACE_LL_HEADER: link = new NftBytes(attributes.Payload); break;
                case NFTA_TRACE_NETWORK_HEADER: network = new NftBytes(attributes.Payload); break;
                case NFTA_TRACE_TRANSPORT_HEADER: transport = new NftBytes(attributes.Payload); break;
            }
        }

        if (verdict is null && policy is { } code) verdict = new NftVerdict((int)code);
        NftTraceKind kind = type <= NFT_TRACETYPE_RULE ? (NftTraceKind)type : NftTraceKind.Unknown;
        return new NftTrace(id, kind, NftReader.Family(message), table, chain, handle, verdict)
        {
            PacketFamily = (NftFamily)nfproto,
            Iif = iif,
            Oif = oif,
            Mark = mark,
            LinkLayer = link,
            Network = network,
            Transport = transport,
        };
    }
}

/// <summary>The addresses of a packet, as far as its headers were given.</summary>
/// <param name="Protocol">Above IP; of IPv6 the first next header.</param>
public readonly record struct NftPacket(IpAddress Source, IpAddress Destination, byte Protocol, ushort SourcePort, ushort DestinationPort)
{
    internal static NftPacket? Read(ReadOnlySpan<byte> network, ReadOnlySpan<byte> transport)
    {
        if (network.Length < 20) return null;
        bool v6 = network[0] >> 4 == 6;
        if (v6 && network.Length < 40) return null;
        byte protocol = v6 ? network[6] : network[9];
        bool ports = protocol is Nft.TcpProtocol or Nft.UdpProtocol or Nft.Sctp && transport.Length >= 4;
        return new NftPacket(
            IpAddress.Read(v6 ? network.Slice(8, 16) : network.Slice(12, 4)),
            IpAddress.Read(v6 ? network.Slice(24, 16) : network.Slice(16, 4)),
            protocol,
            ports ? BinaryPrimitives.ReadUInt16BigEndian(transport) : (ushort)0,
            ports ? BinaryPrimitives.ReadUInt16BigEndian(transport[2..]) : (ushort)0);
    }
}
