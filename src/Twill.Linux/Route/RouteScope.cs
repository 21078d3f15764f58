using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>How far away a destination is. Source: RT_SCOPE_* in include/uapi/linux/rtnetlink.h.</summary>
public enum RouteScope : byte
{
    Universe = RtnetlinkUapi.RT_SCOPE_UNIVERSE,
    Site = RtnetlinkUapi.RT_SCOPE_SITE,

    /// <summary>On the link, without a gateway.</summary>
    Link = RtnetlinkUapi.RT_SCOPE_LINK,

    /// <summary>This host itself.</summary>
    Host = RtnetlinkUapi.RT_SCOPE_HOST,

    /// <summary>In a removal: any.</summary>
    Nowhere = RtnetlinkUapi.RT_SCOPE_NOWHERE,
}
