using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>Whether a link carries packets. Source: IF_OPER_* in include/uapi/linux/if.h, RFC 2863.</summary>
public enum OperState : byte
{
    /// <summary>The driver does not say; loopback is always so.</summary>
    Unknown = IfUapi.IF_OPER_UNKNOWN,
    NotPresent = IfUapi.IF_OPER_NOTPRESENT,
    Down = IfUapi.IF_OPER_DOWN,

    /// <summary>This end is up, the link below or the peer is not.</summary>
    LowerLayerDown = IfUapi.IF_OPER_LOWERLAYERDOWN,
    Testing = IfUapi.IF_OPER_TESTING,
    Dormant = IfUapi.IF_OPER_DORMANT,
    Up = IfUapi.IF_OPER_UP,
}
