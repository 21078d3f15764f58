using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>A routing table's number.</summary>
public readonly record struct RouteTable(uint Value)
{
    public static RouteTable Main => new(RtnetlinkUapi.RT_TABLE_MAIN);

    public static RouteTable Local => new(RtnetlinkUapi.RT_TABLE_LOCAL);

    public static RouteTable Default => new(RtnetlinkUapi.RT_TABLE_DEFAULT);

    public override string ToString() => Value switch
    {
        RtnetlinkUapi.RT_TABLE_MAIN => "main",
        RtnetlinkUapi.RT_TABLE_LOCAL => "local",
        RtnetlinkUapi.RT_TABLE_DEFAULT => "default",
        _ => Value.ToString(),
    };
}
