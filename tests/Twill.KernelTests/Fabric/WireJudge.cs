using System.Buffers.Binary;
using System.Globalization;
using Twill.Linux.Netns;
using Twill.Linux.Packet;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.KernelTests.Fabric;

/// <summary>Takes what a node puts on its wire and computes every checksum in it again, outer and inner, byte by byte.</summary>
internal sealed class WireJudge : IDisposable
{
    /// <summary>Bytes of an IP packet on an Ethernet that is like most.</summary>
    internal const int WireMtu = 1500;

    private const int SIOCETHTOOL = 0x8946;

    /// <summary>After the last packet; what was sent has passed by then, as a veth hands over at once.</summary>
    private const int QuietMs = 50, MaxPackets = 100_000;

    private const ushort Overlay = 4789;

    private const byte Tcp = 6, Udp = 17, Icmp = 1, IcmpV6 = 58;

    private readonly PacketSocket _socket;
    private readonly IfIndex _port;

    /// <param name="router">Where the LAN is.</param>
    /// <param name="port">The LAN's end of the node's cable.</param>
    internal WireJudge(NetworkNamespace router, IfIndex port)
    {
        _socket = PacketSocket.Open(router);
        _port = port;
    }

    /// <summary>What is wrong, a line for each packet.</summary>
    internal List<string> Wrong { get; } = [];

    /// <summary>Packets larger than the wire takes: pieces that a card with segmentation would have to cut.</summary>
    internal int Oversized { get; private set; }

    /// <summary>Bytes of the largest.</summary>
    internal int Largest { get; private set; }

    /// <summary>TCP and UDP inside, whatever is around it: packets that were found right.</summary>
    internal Dictionary<string, int> Right { get; } = [];

    /// <summary>ethtool's switches, by their numbers of old: a card that can neither sum nor cut leaves both to the kernel.</summary>
    internal static unsafe void SwitchOffOffloads(NetworkNamespace node, string device)
    {
        const uint ETHTOOL_STXCSUM = 0x17, ETHTOOL_STSO = 0x1f;
        using Descriptor socket = node.OpenSocket(Libc.AF_INET, Libc.SOCK_DGRAM, 0);
        uint* value = stackalloc uint[2];
        byte* request = stackalloc byte[40]; // struct ifreq
        foreach (uint command in (uint[])[ETHTOOL_STSO, ETHTOOL_STXCSUM])
        {
            (value[0], value[1]) = (command, 0);
            new Span<byte>(request, 40).Clear();
            for (int i = 0; i < device.Length; i++) request[i] = (byte)device[i];
            *(uint**)(request + 16) = value;
            if (Libc.ioctl(socket.Number, SIOCETHTOOL, (nint)request) != 0) throw new LinuxException($"cannot switch off offloads of {device}", Libc.LastErrno);
        }
    }

    /// <summary>Judges all that has passed, until nothing comes any more.</summary>
    internal WireJudge Judge()
    {
        byte[] buffer = new byte[Segments.KernelMax + 1024];
        for (int packets = 0; packets < MaxPackets; packets++)
        {
            if (!_socket.TryReceive(buffer, out PacketArrival arrival))
            {
                if (!PacketSocket.Wait([_socket], QuietMs)) return this;
                continue;
            }

            if (arrival.Dev != _port || arrival.Outgoing) continue;
            Largest = Math.Max(Largest, arrival.Length);
            if (arrival.Length > WireMtu) Oversized++;
            if (Problem(buffer.AsSpan(0, Math.Min(arrival.Length, buffer.Length)), arrival.EtherType, "") is { } problem) Wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{arrival.Length} bytes: {problem}"));
        }

        return this;
    }

    public void Dispose() => _socket.Dispose();

    private string? Problem(ReadOnlySpan<byte> packet, ushort etherType, string around) => etherType switch
    {
        0x0800 => V4(packet, around),
        0x86dd => V6(packet, around),
        _ => null, // ARP has no sum
    };

    private string? V4(ReadOnlySpan<byte> packet, string around)
    {
        int header = (packet[0] & 15) * 4, length = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        if (Sum(packet[..header], 0) != 0xffff) return $"{around}IPv4 header sum is wrong";
        if (length > packet.Length || length < header) return $"{around}IPv4 length {length}";
        if ((BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x3fff) != 0) return $"{around}a fragment";
        return Transport(packet[header..length], packet[9], Sum(packet[12..20], 0), v6: false, around);
    }

    private string? V6(ReadOnlySpan<byte> packet, string around)
    {
        int length = 40 + BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        if (length > packet.Length) return $"{around}IPv6 length {length}";
        return Transport(packet[40..length], packet[6], Sum(packet[8..40], 0), v6: true, around);
    }

    private string? Transport(ReadOnlySpan<byte> segment, byte protocol, uint pseudo, bool v6, string around)
    {
        if (protocol is not (Tcp or Udp or Icmp or IcmpV6)) return null;
        bool silent = protocol == Udp && segment[6] == 0 && segment[7] == 0;
        if (silent && (v6 || around.Length > 0 || BinaryPrimitives.ReadUInt16BigEndian(segment[2..]) != Overlay)) return $"{around}UDP without a sum";
        uint start = protocol == Icmp ? 0 : pseudo + protocol + (uint)segment.Length;
        if (!silent && Sum(segment, start) != 0xffff) return $"{around}{NameOf(protocol)} sum is wrong";
        if (protocol == Udp && BinaryPrimitives.ReadUInt16BigEndian(segment[2..]) == Overlay && around.Length == 0)
        {
            ReadOnlySpan<byte> frame = segment[16..]; // UDP and VXLAN headers
            return Problem(frame[14..], BinaryPrimitives.ReadUInt16BigEndian(frame[12..]), "inside the tunnel: ");
        }

        string key = $"{around}{NameOf(protocol)}";
        Right[key] = Right.GetValueOrDefault(key) + 1;
        return null;
    }

    private static string NameOf(byte protocol) => protocol switch { Tcp => "TCP", Udp => "UDP", _ => "ICMP" };

    /// <summary>RFC 1071: 0xffff where the sum that is inside is right.</summary>
    private static uint Sum(ReadOnlySpan<byte> bytes, uint sum)
    {
        for (; bytes.Length > 1; bytes = bytes[2..])
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
            sum = (sum & 0xffff) + (sum >> 16);
        }

        if (bytes.Length == 1) sum += (uint)bytes[0] << 8;
        while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
        return sum;
    }
}
