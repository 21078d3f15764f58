namespace Twill.Linux.Route;

/// <summary>What to listen to. Source: RTNLGRP_* in include/uapi/linux/rtnetlink.h.</summary>
[Flags]
public enum RouteGroups
{
    None = 0,
    Links = 1,
    Addresses = 2,
    Routes = 4,
    Neighbours = 8,
    Rules = 16,
    Qdiscs = 32,

    /// <summary>Some sysctls of the network: forwarding, rp_filter, proxy_neigh.</summary>
    Settings = 64,
    All = Links | Addresses | Routes | Neighbours | Rules | Qdiscs | Settings,
}
