using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>Writes route messages into a batch.</summary>
/// <remarks>Source: include/uapi/linux/rtnetlink.h.</remarks>
public static class RouteRequests
{
    /// <summary>Like: ip route add 10.244.2.0/24 via 192.168.1.12 dev eth0. EEXIST: a route with this prefix, table and metric is there.</summary>
    public static void Add(NetlinkBatch batch, in RouteSpec route) => Write(batch, RtnetlinkUapi.RTM_NEWROUTE, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL, route);

    /// <summary>Like: ip route replace 10.244.2.0/24 via 192.168.1.12 dev eth0.</summary>
    public static void Replace(NetlinkBatch batch, in RouteSpec route) => Write(batch, RtnetlinkUapi.RTM_NEWROUTE, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_REPLACE, route);

    /// <summary>Removes the first route that has all that the pattern says. Like: ip route del 10.244.2.0/24 dev eth0. ESRCH: none has.</summary>
    public static void Remove(NetlinkBatch batch, in RouteSpec pattern) => Write(batch, RtnetlinkUapi.RTM_DELROUTE, 0, pattern);

    /// <summary>Like: ip route show [table 254] [dev eth0] [proto 77]. ENOENT: there is no such table.</summary>
    public static void Dump(NetlinkBatch batch, in RouteFilter filter = default)
    {
        batch.Begin(RtnetlinkUapi.RTM_GETROUTE, NetlinkUapi.NLM_F_DUMP);
        batch.Header(new RtMsg { rtm_family = filter.Family, rtm_protocol = filter.Protocol?.Value ?? 0, rtm_type = (byte)(filter.Type ?? RouteType.Unspecified) });
        if (filter.Table is { } table) batch.U32(RtnetlinkUapi.RTA_TABLE, table.Value);
        if (filter.Dev is { } dev) batch.I32(RtnetlinkUapi.RTA_OIF, dev.Value);
    }

    /// <summary>Asks which way a packet would take, for <see cref="NetlinkSocket.Query"/>. Like: ip route get 10.244.2.7 [from A iif D] [mark M].</summary>
    public static void Lookup(NetlinkBatch batch, in RouteLookup lookup)
    {
        batch.Begin(RtnetlinkUapi.RTM_GETROUTE, 0);
        batch.Header(new RtMsg
        {
            rtm_family = lookup.Destination.Family,
            rtm_dst_len = (byte)lookup.Destination.Bits,
            rtm_src_len = (byte)(lookup.Source?.Bits ?? 0),
            // IPv4 says "main" whatever the table, unless asked; IPv6 always says the table, and refuses to be asked.
            rtm_flags = (lookup.Destination.IsV6 ? 0 : RtnetlinkUapi.RTM_F_LOOKUP_TABLE) | (lookup.FibMatch ? RtnetlinkUapi.RTM_F_FIB_MATCH : 0),
        });
        batch.Ip(RtnetlinkUapi.RTA_DST, lookup.Destination);
        if (lookup.Source is { } source) batch.Ip(RtnetlinkUapi.RTA_SRC, source);
        if (lookup.InputDev is { } input) batch.I32(RtnetlinkUapi.RTA_IIF, input.Value);
        if (lookup.OutputDev is { } output) batch.I32(RtnetlinkUapi.RTA_OIF, output.Value);
        if (lookup.Mark is { } mark) batch.U32(RtnetlinkUapi.RTA_MARK, mark);
        if (lookup.Uid is { } uid) batch.U32(RtnetlinkUapi.RTA_UID, uid);
    }

    private static void Write(NetlinkBatch batch, ushort type, ushort flags, in RouteSpec route)
    {
        bool removal = type == RtnetlinkUapi.RTM_DELROUTE;
        RouteType kind = route.Type ?? (removal ? RouteType.Unspecified : RouteType.Unicast);
        uint table = route.Table?.Value ?? (kind is RouteType.Local or RouteType.Broadcast or RouteType.Anycast ? RtnetlinkUapi.RT_TABLE_LOCAL : RtnetlinkUapi.RT_TABLE_MAIN);
        batch.Begin(type, (ushort)(flags | NetlinkUapi.NLM_F_ACK));
        batch.Header(new RtMsg
        {
            rtm_family = route.Destination.Address.Family,
            rtm_dst_len = (byte)route.Destination.Length,
            rtm_table = table <= byte.MaxValue ? (byte)table : (byte)RtnetlinkUapi.RT_TABLE_UNSPEC,
            rtm_protocol = route.Protocol?.Value ?? (removal ? RtnetlinkUapi.RTPROT_UNSPEC : RtnetlinkUapi.RTPROT_BOOT),
            rtm_scope = (byte)(route.Scope ?? DefaultScope(route, kind, removal)),
            rtm_type = (byte)kind,
            rtm_flags = route.OnLink ? RtnetlinkUapi.RTNH_F_ONLINK : 0u,
        });
        if (route.Destination.Length != 0) batch.Ip(RtnetlinkUapi.RTA_DST, route.Destination.Address);
        if (route.Gateway is { } gateway) WriteGateway(batch, gateway, route.Destination.IsV6);
        if (route.PreferredSource is { } source) batch.Ip(RtnetlinkUapi.RTA_PREFSRC, source);
        if (route.Priority is { } priority) batch.U32(RtnetlinkUapi.RTA_PRIORITY, priority);
        if (table > byte.MaxValue) batch.U32(RtnetlinkUapi.RTA_TABLE, table);
        if (route.Dev is { } dev) batch.I32(RtnetlinkUapi.RTA_OIF, dev.Value);
        if (route.Mtu is not null || route.AdvMss is not null) WriteMetrics(batch, route);
        if (route.NextHops is { Length: > 0 } hops) WriteNextHops(batch, hops, route.Destination.IsV6);
    }

    /// <remarks>As iproute2 chooses: the kernel refuses a gateway on a link-scope route.</remarks>
    private static RouteScope DefaultScope(in RouteSpec route, RouteType type, bool removal) => type switch
    {
        RouteType.Local => RouteScope.Host,
        RouteType.Broadcast or RouteType.Multicast or RouteType.Anycast => RouteScope.Link,
        RouteType.Unicast or RouteType.Unspecified when removal => RouteScope.Nowhere,
        RouteType.Unicast when route.Gateway is null && route.NextHops is null or { Length: 0 } => RouteScope.Link,
        _ => RouteScope.Universe,
    };

    private static void WriteGateway(NetlinkBatch batch, IpAddress gateway, bool v6)
    {
        if (gateway.IsV6 == v6)
        {
            batch.Ip(RtnetlinkUapi.RTA_GATEWAY, gateway);
            return;
        }

        // struct rtvia: address family, then the address.
        Span<byte> via = batch.Attribute(RtnetlinkUapi.RTA_VIA, 2 + gateway.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(via, gateway.Family);
        gateway.Write(via[2..]);
    }

    private static void WriteMetrics(NetlinkBatch batch, in RouteSpec route)
    {
        int metrics = batch.BeginNest(RtnetlinkUapi.RTA_METRICS);
        if (route.LockMtu && route.Mtu is not null) batch.U32(RtnetlinkUapi.RTAX_LOCK, 1u << RtnetlinkUapi.RTAX_MTU);
        if (route.Mtu is { } mtu) batch.U32(RtnetlinkUapi.RTAX_MTU, (uint)mtu.Value);
        if (route.AdvMss is { } advMss) batch.U32(RtnetlinkUapi.RTAX_ADVMSS, (uint)advMss);
        batch.EndNest(metrics);
    }

    private static void WriteNextHops(NetlinkBatch batch, NextHop[] hops, bool v6)
    {
        int list = batch.BeginNest(RtnetlinkUapi.RTA_MULTIPATH, flagged: false);
        foreach (NextHop hop in hops)
        {
            int start = batch.Length;
            var header = new RtNextHop
            {
                rtnh_flags = hop.OnLink ? RtnetlinkUapi.RTNH_F_ONLINK : (byte)0,
                rtnh_hops = (byte)Math.Clamp(hop.Weight - 1, 0, byte.MaxValue),
                rtnh_ifindex = hop.Dev?.Value ?? 0,
            };
            MemoryMarshal.Write(batch.Raw(Unsafe.SizeOf<RtNextHop>()), in header);
            if (hop.Gateway is { } gateway) WriteGateway(batch, gateway, v6);
            batch.EndNest(start); // rtnh_len stands where an attribute has its length
        }

        batch.EndNest(list);
    }
}
