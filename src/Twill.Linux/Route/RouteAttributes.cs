using Twill.Linux.Netlink;

namespace Twill.Linux.Route;

/// <summary>Addresses in attributes: 4 octets are IPv4, 16 IPv6.</summary>
internal static class RouteAttributes
{
    /// <exception cref="NetlinkProtocolException">Another length.</exception>
    internal static IpAddress Ip(this in AttributeReader attribute)
        => attribute.Payload.Length is 4 or 16
            ? IpAddress.Read(attribute.Payload)
            : throw new NetlinkProtocolException($"attribute {attribute.Type}: {attribute.Payload.Length} bytes, an address has 4 or 16");

    internal static void Ip(this NetlinkBatch batch, ushort type, IpAddress address) => address.Write(batch.Attribute(type, address.Length));

    /// <summary>A prefix length the kernel cannot mean.</summary>
    /// <exception cref="NetlinkProtocolException">More bits than the family has.</exception>
    internal static IpPrefix Prefix(IpAddress address, int length)
        => length <= address.Bits ? new IpPrefix(address, length) : throw new NetlinkProtocolException($"{address}: a prefix of {length} bits");
}
