using System.Buffers.Binary;
using Twill.Fabric.Model;
using Twill.Linux.Nft;
using Twill.Linux.Packet;
using Twill.Linux.Route;

namespace Twill.Trace;

/// <summary>Finds our packet among others by its token, whatever addresses and ports it has by now.</summary>
internal static class Recognition
{
    private const ushort IPv4 = 0x0800, IPv6 = 0x86dd;

    private const byte TcpReset = 0x04;

    /// <summary>Of an ICMP message: its own header, and least of what it quotes.</summary>
    private const int IcmpHeader = 8;

    internal static Sighting? Of(ReadOnlySpan<byte> bytes, in PacketArrival arrival, HopPoint point, Packet sent)
    {
        bool v6 = arrival.EtherType == IPv6;
        if (!v6 && arrival.EtherType != IPv4) return null;
        if (!Split(bytes, v6, out byte protocol, out ReadOnlySpan<byte> transport)) return null;
        if (Tunnelled(protocol, transport, out ReadOnlySpan<byte> inner, out bool innerV6))
        {
            // Seen with the addresses that it has here, which are the outer ones.
            if (innerV6 != sent.IsV6 || !Split(inner, innerV6, out byte carried, out ReadOnlySpan<byte> content) || Kind(carried, content, innerV6, sent) is not { } what) return null;
            return new Sighting(point, what, IpAddress.Read(bytes.Slice(v6 ? 8 : 12, v6 ? 16 : 4)), IpAddress.Read(bytes.Slice(v6 ? 24 : 16, v6 ? 16 : 4)), arrival.OtherHost, arrival.TimeNs);
        }

        if (v6 != sent.IsV6) return null;
        if (Kind(protocol, transport, v6, sent) is not { } kind) return null;
        var sighting = new Sighting(point, kind, IpAddress.Read(bytes.Slice(v6 ? 8 : 12, v6 ? 16 : 4)), IpAddress.Read(bytes.Slice(v6 ? 24 : 16, v6 ? 16 : 4)), arrival.OtherHost, arrival.TimeNs);
        bool refused = kind == SightingKind.Back && sent.Kind switch { TraceProtocol.Udp => true, TraceProtocol.Tcp => (transport[13] & TcpReset) != 0, _ => false };
        bool message = kind == SightingKind.Error || (refused && sent.Kind == TraceProtocol.Udp);
        return sighting with { Refused = refused, IcmpType = message ? transport[0] : (byte)0, IcmpCode = message ? transport[1] : (byte)0 };
    }

    /// <summary>Whether a transport header, perhaps cut short, is of our packet or of its answer.</summary>
    internal static bool IsPartOf(ReadOnlySpan<byte> transport, Packet sent) => Whole(transport, sent, out _);

    /// <summary>VXLAN: 8 bytes of UDP, 8 of its own, an Ethernet frame. Source: RFC 7348.</summary>
    private static bool Tunnelled(byte protocol, ReadOnlySpan<byte> transport, out ReadOnlySpan<byte> inner, out bool v6)
    {
        const int Headers = 16, Ethernet = 14;
        inner = default;
        v6 = false;
        if (protocol != Nft.UdpProtocol || transport.Length < Headers + Ethernet || BinaryPrimitives.ReadUInt16BigEndian(transport[2..]) != VxlanSettings.DefaultPort) return false;
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(transport[(Headers + Ethernet - 2)..]);
        v6 = type == IPv6;
        inner = transport[(Headers + Ethernet)..];
        return v6 || type == IPv4;
    }

    private static SightingKind? Kind(byte protocol, ReadOnlySpan<byte> transport, bool v6, Packet sent)
    {
        if (protocol == sent.Protocol && Whole(transport, sent, out bool back)) return back ? SightingKind.Back : SightingKind.There;
        if (protocol != (v6 ? Nft.Icmpv6 : Nft.Icmp) || transport.Length < IcmpHeader) return null;
        bool error = v6 ? transport[0] is >= 1 and <= 4 : transport[0] is 3 or 11 or 12;
        if (!error || !Split(transport[IcmpHeader..], v6, out byte inner, out ReadOnlySpan<byte> quoted) || inner != sent.Protocol || !Whole(quoted, sent, out bool about) || about) return null;

        // The one whom UDP reaches answers that nobody listens.
        bool port = v6 ? transport[0] == 1 && transport[1] == 4 : transport[0] == 3 && transport[1] == 3;
        return port && sent.Kind == TraceProtocol.Udp ? SightingKind.Back : SightingKind.Error;
    }

    private static bool Whole(ReadOnlySpan<byte> transport, Packet sent, out bool back)
    {
        back = false;
        if (sent.Kind == TraceProtocol.Tcp)
        {
            if (transport.Length < 8) return false;
            if (BinaryPrimitives.ReadUInt32BigEndian(transport[4..]) == sent.Sequence) return transport.Length < 14 || (transport[13] & 0x02) != 0;
            back = transport.Length >= 14 && (transport[13] & 0x10) != 0 && BinaryPrimitives.ReadUInt32BigEndian(transport[8..]) == sent.Sequence + 1 && (transport[13] & 0x06) != 0;
            return back;
        }

        if (transport.Length < Packet.TransportHeader + Packet.TokenBytes || BinaryPrimitives.ReadUInt64BigEndian(transport[Packet.TransportHeader..]) != sent.Token) return false;
        back = sent.Kind == TraceProtocol.Icmp && transport[0] is 0 or 129;
        return true;
    }

    private static bool Split(ReadOnlySpan<byte> packet, bool v6, out byte protocol, out ReadOnlySpan<byte> transport)
    {
        protocol = 0;
        transport = default;
        int header = v6 ? 40 : packet.IsEmpty ? 20 : (packet[0] & 0xf) * 4;
        if (packet.Length < header || header < 20) return false;
        protocol = packet[v6 ? 6 : 9];
        transport = packet[header..];
        return true;
    }
}
