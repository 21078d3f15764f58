namespace Twill.Linux.Route;

/// <summary>How large a piece of a stream may be on its way through the stack: one look at the tables for all of it, cut into packets at the last moment.</summary>
/// <remarks>
/// Larger than the usual is for IPv4 only: of IPv6 such a piece carries a hop-by-hop header of 8 bytes, which a router counts in each packet
/// and refuses as larger than the MTU (seen with Linux 6.18; skb_gso_validate_network_len in ip6_forward).
/// A device that gets a larger piece than its own limit cuts it in software, into packets of the wire: everything behind it is paid for each of
/// them. So all devices of a path have one limit, or the smallest decides. Source: Documentation/networking/netdevices.rst, gso_max_size;
/// netif_get_gso_max_size in include/linux/netdevice.h.
/// </remarks>
public static class Segments
{
    /// <summary>Bytes; GSO_LEGACY_MAX_SIZE: what every device has if nobody chose, and the most that an outer UDP header can say.</summary>
    public const int UsualMax = 65536;

    /// <summary>Bytes; GSO_MAX_SIZE, 8 times 65535 (Linux 6.3 for IPv4).</summary>
    public const int KernelMax = 524280;

    /// <summary>Bytes; below it the kernel refuses (MAX_TCP_HEADER), and nothing is gained.</summary>
    public const int Min = 2048;
}
