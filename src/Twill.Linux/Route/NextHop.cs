namespace Twill.Linux.Route;

/// <summary>One of several ways of a multipath route.</summary>
public readonly record struct NextHop
{
    /// <summary>Null: the destination is on the link itself.</summary>
    public IpAddress? Gateway { get; init; }

    public IfIndex? Dev { get; init; }

    /// <summary>Share of flows, 1 to 256; 0 is taken for 1.</summary>
    public int Weight { get; init; }

    /// <inheritdoc cref="RouteSpec.OnLink"/>
    public bool OnLink { get; init; }
}
