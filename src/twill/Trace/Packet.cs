using System.Buffers.Binary;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Trace;

/// <summary>A packet as it is at one point of its way: what is predicted of it, and what is sent.</summary>
internal sealed record Packet
{
    /// <summary>Of an echo request, in both families.</summary>
    internal const int TransportHeader = 8, TcpHeader = 20, TokenBytes = 8;

    internal const byte FirstTtl = 64;

    internal required IpAddress Source { get; init; }

    internal required IpAddress Destination { get; init; }

    internal required TraceProtocol Kind { get; init; }

    /// <summary>Of an echo request: its id.</summary>
    internal ushort SourcePort { get; init; }

    internal ushort DestinationPort { get; init; }

    /// <summary>Bytes with the IP header.</summary>
    internal required int Length { get; init; }

    internal byte Ttl { get; init; } = FirstTtl;

    /// <summary>The answer is on its way back.</summary>
    internal bool IsReply { get; init; }

    /// <summary>By which it is recognised everywhere: translation changes addresses, ports and ids, not this. TCP has it in its sequence number.</summary>
    internal ulong Token { get; init; }

    /// <summary>The kernel's mark, inside one namespace.</summary>
    internal uint Mark { get; init; }

    internal bool IsV6 => Destination.IsV6;

    internal int IpHeader => IsV6 ? 40 : 20;

    internal byte Protocol => Kind switch { TraceProtocol.Tcp => Nft.TcpProtocol, TraceProtocol.Udp => Nft.UdpProtocol, _ => IsV6 ? Nft.Icmpv6 : Nft.Icmp };

    internal uint Sequence => (uint)Token;

    /// <summary>The least that carries the token.</summary>
    internal static int LeastLength(TraceProtocol kind, bool v6) => (v6 ? 40 : 20) + (kind == TraceProtocol.Tcp ? TcpHeader : TransportHeader + TokenBytes);

    /// <summary>The answer of the one who got it.</summary>
    internal Packet Answer() => this with
    {
        Source = Destination,
        Destination = Source,
        SourcePort = Kind == TraceProtocol.Icmp ? SourcePort : DestinationPort,
        DestinationPort = Kind == TraceProtocol.Icmp ? DestinationPort : SourcePort,
        Ttl = FirstTtl,
        IsReply = true,
        Mark = 0,
        Length = Kind switch { TraceProtocol.Tcp => IpHeader + TcpHeader, _ => Length },
    };

    /// <summary>The IP header as rules see it; checksum and identification are 0.</summary>
    internal byte[] NetworkHeader()
    {
        byte[] header = new byte[IpHeader];
        if (IsV6)
        {
            header[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), (ushort)(Length - header.Length));
            header[6] = Protocol;
            header[7] = Ttl;
            Source.Write(header.AsSpan(8));
            Destination.Write(header.AsSpan(24));
            return header;
        }

        header[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)Length);
        header[6] = 0x40; // don't fragment
        header[8] = Ttl;
        header[9] = Protocol;
        Source.Write(header.AsSpan(12));
        Destination.Write(header.AsSpan(16));
        return header;
    }

    /// <summary>What stands behind the IP header. Checksums are right for IPv4; of IPv6 the kernel writes them.</summary>
    internal byte[] Transport()
    {
        byte[] bytes = new byte[Math.Max(Length - IpHeader, LeastLength(Kind, IsV6) - IpHeader)];
        if (Kind == TraceProtocol.Icmp)
        {
            bytes[0] = (IsV6, IsReply) switch { (true, false) => 128, (true, true) => 129, (false, false) => 8, _ => 0 };
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), SourcePort);
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(6), 1);
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(TransportHeader), Token);
            if (!IsV6) BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), Checksum(bytes, pseudo: false));
            return bytes;
        }

        BinaryPrimitives.WriteUInt16BigEndian(bytes, SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), DestinationPort);
        if (Kind == TraceProtocol.Tcp)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), IsReply ? 0 : Sequence);
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), IsReply ? Sequence + 1 : 0);
            bytes[12] = TcpHeader / 4 << 4;
            bytes[13] = (byte)(IsReply ? 0x12 : 0x02); // syn, with ack in the answer
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(14), 64240);
            if (!IsV6) BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(16), Checksum(bytes, pseudo: true));
            return bytes;
        }

        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), (ushort)bytes.Length);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(TransportHeader), Token);
        if (!IsV6) BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(6), Checksum(bytes, pseudo: true));
        return bytes;
    }

    /// <summary>RFC 1071; TCP and UDP sum the addresses too.</summary>
    private ushort Checksum(ReadOnlySpan<byte> bytes, bool pseudo)
    {
        uint sum = pseudo ? (uint)(Protocol + bytes.Length) : 0;
        if (pseudo)
        {
            Span<byte> addresses = stackalloc byte[8];
            Source.Write(addresses);
            Destination.Write(addresses[4..]);
            for (int i = 0; i < addresses.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(addresses[i..]);
        }

        for (; bytes.Length >= 2; bytes = bytes[2..]) sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (bytes.Length == 1) sum += (uint)bytes[0] << 8;
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
