using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>Who made a route or a rule: a number that its maker marks it with.</summary>
public readonly record struct RouteProtocol(byte Value)
{
    public static RouteProtocol Kernel => new(RtnetlinkUapi.RTPROT_KERNEL);

    /// <summary>What `ip route add` writes.</summary>
    public static RouteProtocol Boot => new(RtnetlinkUapi.RTPROT_BOOT);

    public static RouteProtocol Static => new(RtnetlinkUapi.RTPROT_STATIC);

    public override string ToString() => Value switch
    {
        RtnetlinkUapi.RTPROT_KERNEL => "kernel",
        RtnetlinkUapi.RTPROT_BOOT => "boot",
        RtnetlinkUapi.RTPROT_STATIC => "static",
        _ => Value.ToString(),
    };
}
