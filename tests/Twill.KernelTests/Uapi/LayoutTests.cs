using Twill.Linux.Uapi;
using Xunit;

namespace Twill.KernelTests.Uapi;

/// <summary>The table. A room adds its lines here.</summary>
public sealed class LayoutTests
{
    [Fact]
    public void Netlink_ConstantsAndStructures_AreTheKernels()
    {
        KernelLayout layout = new KernelLayout { NotYet = { "IFLA_GSO_IPV4_MAX_SIZE" } } // Linux 6.3
            .Constants(typeof(NetlinkUapi), "linux/netlink.h")
            .Constants(typeof(RtnetlinkUapi), "linux/rtnetlink.h")
            .Constants(typeof(NetconfUapi), "linux/netconf.h")
            .Constants(typeof(IfUapi), "linux/if.h")
            .Constants(typeof(IfLinkUapi), "linux/if_link.h")
            .Constants(typeof(IfBridgeUapi), "linux/if_bridge.h")
            .Constants(typeof(VethUapi), "linux/veth.h")
            .Constants(typeof(IfAddrUapi), "linux/if_addr.h")
            .Constants(typeof(NeighbourUapi), "linux/neighbour.h")
            .Constants(typeof(FibRulesUapi), "linux/fib_rules.h")
            .Constants(typeof(NetNamespaceUapi), "linux/net_namespace.h")
            .Constants(typeof(PktSchedUapi), "linux/pkt_sched.h")
            .Constants(typeof(PktClsUapi), "linux/pkt_cls.h", "linux/tc_act/tc_mirred.h")
            .Struct<IfInfoMsg>("struct ifinfomsg")
            .Struct<IfAddrMsg>("struct ifaddrmsg")
            .Struct<IfaCacheInfo>("struct ifa_cacheinfo")
            .Struct<RtGenMsg>("struct rtgenmsg")
            .Struct<RtMsg>("struct rtmsg")
            .Struct<RtNextHop>("struct rtnexthop")
            .Struct<NdMsg>("struct ndmsg")
            .Struct<NdaCacheInfo>("struct nda_cacheinfo")
            .Struct<FibRuleHdr>("struct fib_rule_hdr")
            .Struct<TcMsg>("struct tcmsg")
            .Struct<TcRateSpec>("struct tc_ratespec")
            .Struct<TcTbfQopt>("struct tc_tbf_qopt")
            .Struct<TcU32Sel>("struct tc_u32_sel")
            .Struct<TcU32Key>("struct tc_u32_key")
            .Struct<TcMirred>("struct tc_mirred");
        Assert.Empty(layout.Differences());
        Assert.True(layout.Count > 500, $"only {layout.Count} values compared");
    }

    [Fact]
    public void Check_WrongConstantOrField_IsFound()
    {
        List<string> differences = new KernelLayout()
            .Constants(typeof(Wrong), "linux/rtnetlink.h")
            .Struct<WrongIfInfoMsg>("struct ifinfomsg")
            .Differences();
        Assert.Equal(
            ["Wrong RTM_DELLINK: ours 18, the kernel's 17", "WrongIfInfoMsg.ifi_change offset: ours 8, the kernel's 12", "WrongIfInfoMsg.ifi_flags offset: ours 12, the kernel's 8"],
            differences);
        Assert.NotEmpty(new KernelLayout().Constant("NO_SUCH_CONSTANT", 1).Differences());
    }

    private static class Wrong
    {
        public const ushort RTM_NEWLINK = 16, RTM_DELLINK = 18;
    }

#pragma warning disable CS0649 // only its layout is looked at
    private struct WrongIfInfoMsg
    {
        internal byte ifi_family;
        internal byte __ifi_pad;
        internal ushort ifi_type;
        internal int ifi_index;
        internal uint ifi_change;
        internal uint ifi_flags;
    }
#pragma warning restore CS0649
}
