namespace Twill.Linux.Uapi;

/// <summary>Source: include/uapi/linux/rtnetlink.h.</summary>
public static class RtnetlinkUapi
{
    /// <summary>Message types.</summary>
    public const ushort RTM_NEWLINK = 16, RTM_DELLINK = 17, RTM_GETLINK = 18, RTM_SETLINK = 19, RTM_NEWADDR = 20, RTM_DELADDR = 21;
    public const ushort RTM_GETADDR = 22, RTM_NEWROUTE = 24, RTM_DELROUTE = 25, RTM_GETROUTE = 26, RTM_NEWNEIGH = 28;
    public const ushort RTM_DELNEIGH = 29, RTM_GETNEIGH = 30, RTM_NEWRULE = 32, RTM_DELRULE = 33, RTM_GETRULE = 34, RTM_NEWQDISC = 36;
    public const ushort RTM_DELQDISC = 37, RTM_GETQDISC = 38, RTM_NEWTCLASS = 40, RTM_DELTCLASS = 41, RTM_GETTCLASS = 42;
    public const ushort RTM_NEWTFILTER = 44, RTM_DELTFILTER = 45, RTM_GETTFILTER = 46, RTM_NEWNSID = 88, RTM_DELNSID = 89;
    public const ushort RTM_GETNSID = 90, RTM_NEWNETCONF = 80, RTM_DELNETCONF = 81, RTM_NEWNEXTHOP = 104, RTM_DELNEXTHOP = 105, RTM_GETNEXTHOP = 106, RTM_NEWLINKPROP = 108;
    public const ushort RTM_DELLINKPROP = 109, RTM_GETLINKPROP = 110;

    /// <summary>rtm_type.</summary>
    public const byte RTN_UNSPEC = 0, RTN_UNICAST = 1, RTN_LOCAL = 2, RTN_BROADCAST = 3, RTN_ANYCAST = 4, RTN_MULTICAST = 5;
    public const byte RTN_BLACKHOLE = 6, RTN_UNREACHABLE = 7, RTN_PROHIBIT = 8, RTN_THROW = 9, RTN_NAT = 10, RTN_XRESOLVE = 11;

    /// <summary>rtm_protocol: who made the route.</summary>
    public const byte RTPROT_UNSPEC = 0, RTPROT_REDIRECT = 1, RTPROT_KERNEL = 2, RTPROT_BOOT = 3, RTPROT_STATIC = 4, RTPROT_GATED = 8;
    public const byte RTPROT_RA = 9, RTPROT_MRT = 10, RTPROT_ZEBRA = 11, RTPROT_BIRD = 12, RTPROT_DNROUTED = 13, RTPROT_XORP = 14;
    public const byte RTPROT_NTK = 15, RTPROT_DHCP = 16, RTPROT_MROUTED = 17, RTPROT_KEEPALIVED = 18, RTPROT_BABEL = 42;
    public const byte RTPROT_OPENR = 99, RTPROT_BGP = 186, RTPROT_ISIS = 187, RTPROT_OSPF = 188, RTPROT_RIP = 189, RTPROT_EIGRP = 192;

    /// <summary>rtm_scope: how far away the destination is.</summary>
    public const byte RT_SCOPE_UNIVERSE = 0, RT_SCOPE_SITE = 200, RT_SCOPE_LINK = 253, RT_SCOPE_HOST = 254, RT_SCOPE_NOWHERE = 255;

    /// <summary>rtm_flags.</summary>
    public const uint RTM_F_NOTIFY = 0x100, RTM_F_CLONED = 0x200, RTM_F_EQUALIZE = 0x400, RTM_F_PREFIX = 0x800;
    public const uint RTM_F_LOOKUP_TABLE = 0x1000, RTM_F_FIB_MATCH = 0x2000, RTM_F_OFFLOAD = 0x4000, RTM_F_TRAP = 0x8000;
    public const uint RTM_F_OFFLOAD_FAILED = 0x20000000;

    /// <summary>Routing tables by number.</summary>
    public const uint RT_TABLE_UNSPEC = 0, RT_TABLE_COMPAT = 252, RT_TABLE_DEFAULT = 253, RT_TABLE_MAIN = 254, RT_TABLE_LOCAL = 255;

    /// <summary>Attributes of a route.</summary>
    public const ushort RTA_UNSPEC = 0, RTA_DST = 1, RTA_SRC = 2, RTA_IIF = 3, RTA_OIF = 4, RTA_GATEWAY = 5, RTA_PRIORITY = 6;
    public const ushort RTA_PREFSRC = 7, RTA_METRICS = 8, RTA_MULTIPATH = 9, RTA_PROTOINFO = 10, RTA_FLOW = 11, RTA_CACHEINFO = 12;
    public const ushort RTA_SESSION = 13, RTA_MP_ALGO = 14, RTA_TABLE = 15, RTA_MARK = 16, RTA_MFC_STATS = 17, RTA_VIA = 18;
    public const ushort RTA_NEWDST = 19, RTA_PREF = 20, RTA_ENCAP_TYPE = 21, RTA_ENCAP = 22, RTA_EXPIRES = 23, RTA_UID = 25;
    public const ushort RTA_TTL_PROPAGATE = 26, RTA_IP_PROTO = 27, RTA_SPORT = 28, RTA_DPORT = 29, RTA_NH_ID = 30;

    /// <summary>Inside RTA_METRICS; RTAX_LOCK is a mask of 1 &lt;&lt; RTAX_*.</summary>
    public const ushort RTAX_UNSPEC = 0, RTAX_LOCK = 1, RTAX_MTU = 2, RTAX_WINDOW = 3, RTAX_RTT = 4, RTAX_RTTVAR = 5;
    public const ushort RTAX_SSTHRESH = 6, RTAX_CWND = 7, RTAX_ADVMSS = 8, RTAX_REORDERING = 9, RTAX_HOPLIMIT = 10, RTAX_INITCWND = 11;
    public const ushort RTAX_FEATURES = 12, RTAX_RTO_MIN = 13, RTAX_INITRWND = 14, RTAX_QUICKACK = 15, RTAX_CC_ALGO = 16;
    public const ushort RTAX_FASTOPEN_NO_COOKIE = 17;

    /// <summary>rtnh_flags, also in the low bits of rtm_flags.</summary>
    public const byte RTNH_F_DEAD = 1, RTNH_F_PERVASIVE = 2, RTNH_F_ONLINK = 4, RTNH_F_OFFLOAD = 8, RTNH_F_LINKDOWN = 16;
    public const byte RTNH_F_UNRESOLVED = 32, RTNH_F_TRAP = 64;

    /// <summary>Multicast groups, by number (not mask).</summary>
    public const uint RTNLGRP_LINK = 1, RTNLGRP_NOTIFY = 2, RTNLGRP_NEIGH = 3, RTNLGRP_TC = 4, RTNLGRP_IPV4_IFADDR = 5;
    public const uint RTNLGRP_IPV4_ROUTE = 7, RTNLGRP_IPV4_RULE = 8, RTNLGRP_IPV6_IFADDR = 9, RTNLGRP_IPV6_ROUTE = 11;
    public const uint RTNLGRP_IPV6_PREFIX = 18, RTNLGRP_IPV6_RULE = 19, RTNLGRP_IPV4_NETCONF = 24, RTNLGRP_IPV6_NETCONF = 25, RTNLGRP_NSID = 28, RTNLGRP_NEXTHOP = 32;

    /// <summary>IFLA_EXT_MASK: what a link answer holds.</summary>
    public const uint RTEXT_FILTER_VF = 1, RTEXT_FILTER_BRVLAN = 2, RTEXT_FILTER_BRVLAN_COMPRESSED = 4, RTEXT_FILTER_SKIP_STATS = 8;
    public const uint RTEXT_FILTER_MRP = 16, RTEXT_FILTER_CFM_CONFIG = 32, RTEXT_FILTER_CFM_STATUS = 64, RTEXT_FILTER_MST = 128;

    /// <summary>Attributes of qdiscs, classes and filters.</summary>
    public const ushort TCA_UNSPEC = 0, TCA_KIND = 1, TCA_OPTIONS = 2, TCA_STATS = 3, TCA_XSTATS = 4, TCA_RATE = 5, TCA_FCNT = 6;
    public const ushort TCA_STATS2 = 7, TCA_STAB = 8, TCA_DUMP_INVISIBLE = 10, TCA_CHAIN = 11, TCA_HW_OFFLOAD = 12;
    public const ushort TCA_INGRESS_BLOCK = 13, TCA_EGRESS_BLOCK = 14, TCA_EXT_WARN_MSG = 16;
}
