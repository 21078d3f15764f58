using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>What becomes of packets that match. Source: RTN_* in include/uapi/linux/rtnetlink.h.</summary>
public enum RouteType : byte
{
    Unspecified = RtnetlinkUapi.RTN_UNSPEC,
    Unicast = RtnetlinkUapi.RTN_UNICAST,

    /// <summary>Delivered to this host.</summary>
    Local = RtnetlinkUapi.RTN_LOCAL,
    Broadcast = RtnetlinkUapi.RTN_BROADCAST,
    Anycast = RtnetlinkUapi.RTN_ANYCAST,
    Multicast = RtnetlinkUapi.RTN_MULTICAST,

    /// <summary>Dropped silently.</summary>
    Blackhole = RtnetlinkUapi.RTN_BLACKHOLE,

    /// <summary>Dropped; the sender learns "host unreachable".</summary>
    Unreachable = RtnetlinkUapi.RTN_UNREACHABLE,

    /// <summary>Dropped; the sender learns "administratively prohibited".</summary>
    Prohibit = RtnetlinkUapi.RTN_PROHIBIT,

    /// <summary>The look-up goes on with the next rule.</summary>
    Throw = RtnetlinkUapi.RTN_THROW,
}
