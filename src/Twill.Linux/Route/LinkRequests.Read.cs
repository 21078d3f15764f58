using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>Messages that ask for links. Answers come without statistics: they are half of each answer, and nobody here reads them.</summary>
public static partial class LinkRequests
{
    /// <summary>One link, for <see cref="NetlinkSocket.Query"/>. Like: ip link show dev eth0. ENODEV: not there.</summary>
    public static void Get(NetlinkBatch batch, LinkKey link)
    {
        Begin(batch, link, RtnetlinkUapi.RTM_GETLINK, 0);
        batch.U32(IfLinkUapi.IFLA_EXT_MASK, RtnetlinkUapi.RTEXT_FILTER_SKIP_STATS);
    }

    /// <summary>All links, or those the filter lets pass, for <see cref="NetlinkSocket.Dump"/>. Like: ip link show [master br0] [type veth].</summary>
    /// <remarks>The kernel filters. A kind whose module is not loaded answers all links (rtnl_dump_ifinfo): look at the kind again.</remarks>
    public static void Dump(NetlinkBatch batch, in LinkFilter filter = default)
    {
        Begin(batch, default(IfIndex), RtnetlinkUapi.RTM_GETLINK, NetlinkUapi.NLM_F_DUMP);
        batch.U32(IfLinkUapi.IFLA_EXT_MASK, RtnetlinkUapi.RTEXT_FILTER_SKIP_STATS);
        if (filter.Master is { } master) batch.I32(IfLinkUapi.IFLA_MASTER, master.Value);
        if (filter.Kind is null) return;
        int info = batch.BeginNest(IfLinkUapi.IFLA_LINKINFO);
        batch.String(IfLinkUapi.IFLA_INFO_KIND, filter.Kind);
        batch.EndNest(info);
    }
}
