using System.Buffers.Binary;
using Twill.Linux.Route;

namespace Twill.Fabric.LoadBalancers;

/// <summary>The frame that tells a link who has an address now: a gratuitous ARP request, or an unsolicited neighbour advertisement. Pure.</summary>
/// <remarks>Source: RFC 5227 section 3 (ARP announcement); RFC 4861 section 4.4 and 7.2.6.</remarks>
public static class Announcement
{
    private const int EthernetBytes = 14, ArpBytes = 28, Ipv6Bytes = 40, AdvertisementBytes = 32;
    private const byte Icmpv6 = 58, NeighbourAdvertisement = 136, TargetLinkLayerAddress = 2;

    /// <summary>Flag O: replace what you have. Not S, nobody asked; not R, we are no router of the link.</summary>
    private const byte Override = 0x20;

    public static byte[] FrameOf(IpAddress address, MacAddress mac) => address.IsV6 ? Advertisement(address, mac) : Arp(address, mac);

    private static byte[] Arp(IpAddress address, MacAddress mac)
    {
        byte[] frame = new byte[EthernetBytes + ArpBytes];
        frame.AsSpan(0, 6).Fill(0xff);
        mac.Write(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x0806);
        Span<byte> arp = frame.AsSpan(EthernetBytes);
        BinaryPrimitives.WriteUInt16BigEndian(arp, 1); // Ethernet
        BinaryPrimitives.WriteUInt16BigEndian(arp[2..], 0x0800);
        arp[4] = MacAddress.Length;
        arp[5] = 4;
        BinaryPrimitives.WriteUInt16BigEndian(arp[6..], 1); // request
        mac.Write(arp[8..]);
        address.Write(arp[14..]);
        address.Write(arp[24..]);
        return frame;
    }

    private static byte[] Advertisement(IpAddress address, MacAddress mac)
    {
        byte[] frame = new byte[EthernetBytes + Ipv6Bytes + AdvertisementBytes];
        ReadOnlySpan<byte> allNodes = [0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        ReadOnlySpan<byte> group = [0x33, 0x33, 0, 0, 0, 1];
        group.CopyTo(frame);
        mac.Write(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x86dd);
        Span<byte> ip = frame.AsSpan(EthernetBytes, Ipv6Bytes), body = frame.AsSpan(EthernetBytes + Ipv6Bytes);
        ip[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(ip[4..], AdvertisementBytes);
        ip[6] = Icmpv6;
        ip[7] = 255; // a router would have made it less: nobody believes another
        address.Write(ip[8..]);
        allNodes.CopyTo(ip[24..]);
        body[0] = NeighbourAdvertisement;
        body[4] = Override;
        address.Write(body[8..]);
        body[24] = TargetLinkLayerAddress;
        body[25] = 1; // in units of 8 bytes
        mac.Write(body[26..]);
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], Checksum(ip[8..], body));
        return frame;
    }

    /// <summary>Over both addresses, length, protocol and body. Source: RFC 8200 section 8.1.</summary>
    private static ushort Checksum(ReadOnlySpan<byte> addresses, ReadOnlySpan<byte> body)
    {
        uint sum = (uint)body.Length + Icmpv6;
        for (int i = 0; i < 32; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(addresses[i..]);
        for (int i = 0; i < body.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(body[i..]);
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
