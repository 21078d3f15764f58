using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>State and abilities of a link. Source: IFF_* in include/uapi/linux/if.h.</summary>
[Flags]
public enum LinkFlags : uint
{
    None = 0,

    /// <summary>Switched on by the administrator; says nothing about the carrier.</summary>
    Up = IfUapi.IFF_UP,
    Broadcast = IfUapi.IFF_BROADCAST,
    Loopback = IfUapi.IFF_LOOPBACK,
    PointToPoint = IfUapi.IFF_POINTOPOINT,
    Running = IfUapi.IFF_RUNNING,
    NoArp = IfUapi.IFF_NOARP,
    Promiscuous = IfUapi.IFF_PROMISC,
    AllMulticast = IfUapi.IFF_ALLMULTI,
    Multicast = IfUapi.IFF_MULTICAST,

    /// <summary>There is a carrier.</summary>
    LowerUp = IfUapi.IFF_LOWER_UP,
    Dormant = IfUapi.IFF_DORMANT,
}
