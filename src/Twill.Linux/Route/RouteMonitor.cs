using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>Opens a monitor of rtnetlink, for <see cref="RouteEventReader{T}"/>. Like: ip monitor link address route neigh rule.</summary>
public static class RouteMonitor
{
    /// <param name="network">Whose changes; null: the calling thread's namespace.</param>
    public static NetlinkMonitor Open(RouteGroups groups, NetworkNamespace? network = null, int receiveBufferBytes = NetlinkMonitor.ReceiveBufferBytes)
    {
        Span<uint> numbers = stackalloc uint[11];
        int count = 0;
        if (groups.HasFlag(RouteGroups.Links)) numbers[count++] = RtnetlinkUapi.RTNLGRP_LINK;
        if (groups.HasFlag(RouteGroups.Neighbours)) numbers[count++] = RtnetlinkUapi.RTNLGRP_NEIGH;
        if (groups.HasFlag(RouteGroups.Qdiscs)) numbers[count++] = RtnetlinkUapi.RTNLGRP_TC;
        if (groups.HasFlag(RouteGroups.Addresses))
        {
            numbers[count++] = RtnetlinkUapi.RTNLGRP_IPV4_IFADDR;
            numbers[count++] = RtnetlinkUapi.RTNLGRP_IPV6_IFADDR;
        }

        if (groups.HasFlag(RouteGroups.Routes))
        {
            numbers[count++] = RtnetlinkUapi.RTNLGRP_IPV4_ROUTE;
            numbers[count++] = RtnetlinkUapi.RTNLGRP_IPV6_ROUTE;
        }

        if (groups.HasFlag(RouteGroups.Rules))
        {
            numbers[count++] = RtnetlinkUapi.RTNLGRP_IPV4_RULE;
            numbers[count++] = RtnetlinkUapi.RTNLGRP_IPV6_RULE;
        }

        if (groups.HasFlag(RouteGroups.Settings))
        {
            numbers[count++] = RtnetlinkUapi.RTNLGRP_IPV4_NETCONF;
            numbers[count++] = RtnetlinkUapi.RTNLGRP_IPV6_NETCONF;
        }

        return NetlinkMonitor.Open(NetlinkUapi.NETLINK_ROUTE, numbers[..count], network, receiveBufferBytes);
    }
}
