using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>Writes address messages into a batch. A link's name means nothing here: the kernel wants its index.</summary>
/// <remarks>Source: include/uapi/linux/if_addr.h.</remarks>
public static class AddressRequests
{
    /// <summary>Like: ip addr add 10.244.1.7/24 dev eth0. EEXIST: it is there.</summary>
    public static void Add(NetlinkBatch batch, IfIndex dev, IpPrefix address, AddressFlags flags = AddressFlags.None)
        => Add(batch, new AddressSpec { Dev = dev, Address = address, Flags = flags });

    /// <inheritdoc cref="Add(NetlinkBatch, IfIndex, IpPrefix, AddressFlags)"/>
    public static void Add(NetlinkBatch batch, in AddressSpec spec) => Write(batch, RtnetlinkUapi.RTM_NEWADDR, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL, spec);

    /// <summary>Like: ip addr replace 10.244.1.7/24 dev eth0.</summary>
    public static void Replace(NetlinkBatch batch, in AddressSpec spec) => Write(batch, RtnetlinkUapi.RTM_NEWADDR, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_REPLACE, spec);

    /// <summary>Like: ip addr del 10.244.1.7/24 dev eth0. EADDRNOTAVAIL: it is not there.</summary>
    public static void Remove(NetlinkBatch batch, IfIndex dev, IpPrefix address) => Write(batch, RtnetlinkUapi.RTM_DELADDR, 0, new AddressSpec { Dev = dev, Address = address });

    /// <summary>Like: ip addr show [dev eth0]. ENODEV: no link has that index.</summary>
    /// <param name="dev">Null: of all links.</param>
    /// <param name="family">AF_INET, AF_INET6, or 0 for both.</param>
    public static void Dump(NetlinkBatch batch, IfIndex? dev = null, byte family = 0)
    {
        batch.Begin(RtnetlinkUapi.RTM_GETADDR, NetlinkUapi.NLM_F_DUMP);
        batch.Header(new IfAddrMsg { ifa_family = family, ifa_index = (uint)(dev?.Value ?? 0) });
    }

    private static void Write(NetlinkBatch batch, ushort type, ushort flags, in AddressSpec spec)
    {
        IpAddress address = spec.Address.Address;
        batch.Begin(type, (ushort)(flags | NetlinkUapi.NLM_F_ACK));
        batch.Header(new IfAddrMsg
        {
            ifa_family = address.Family,
            ifa_prefixlen = (byte)spec.Address.Length,
            ifa_flags = (uint)spec.Flags <= byte.MaxValue ? (byte)spec.Flags : (byte)0, // IFA_FLAGS replaces it
            ifa_scope = (byte)(spec.Scope ?? (IsLoopback(address) ? RouteScope.Host : RouteScope.Universe)),
            ifa_index = (uint)spec.Dev.Value,
        });
        batch.Ip(IfAddrUapi.IFA_LOCAL, address);
        batch.Ip(IfAddrUapi.IFA_ADDRESS, spec.Peer ?? address);
        if (spec.Broadcast is { } broadcast) batch.Ip(IfAddrUapi.IFA_BROADCAST, broadcast);
        if ((uint)spec.Flags > byte.MaxValue) batch.U32(IfAddrUapi.IFA_FLAGS, (uint)spec.Flags);
        if (spec.ValidSeconds is { } seconds) batch.Struct(IfAddrUapi.IFA_CACHEINFO, new IfaCacheInfo { ifa_valid = seconds, ifa_prefered = spec.Deprecated ? 0 : seconds });
        if (spec.Protocol != 0) batch.U8(IfAddrUapi.IFA_PROTO, spec.Protocol);
    }

    private static bool IsLoopback(IpAddress address) => !address.IsV6 && (uint)address.Value >> 24 == 127;
}
