namespace Twill.Linux.Route;

/// <summary>A route as the kernel told it.</summary>
public sealed record Route
{
    public required IpPrefix Destination { get; init; }

    public IpAddress? Gateway { get; init; }

    public IfIndex? Dev { get; init; }

    public RouteTable Table { get; init; }

    public RouteProtocol Protocol { get; init; }

    public RouteScope Scope { get; init; }

    public RouteType Type { get; init; }

    /// <summary>The metric.</summary>
    public uint Priority { get; init; }

    public IpAddress? PreferredSource { get; init; }

    /// <inheritdoc cref="RouteSpec.OnLink"/>
    public bool OnLink { get; init; }

    public Mtu? Mtu { get; init; }

    /// <inheritdoc cref="RouteSpec.LockMtu"/>
    public bool LockMtu { get; init; }

    public int? AdvMss { get; init; }

    /// <inheritdoc cref="RouteView.NextHopId"/>
    public uint NextHopId { get; init; }

    /// <summary>Empty unless multipath.</summary>
    public IReadOnlyList<NextHop> NextHops { get; init; } = [];

    /// <summary>What would add it again, or remove exactly it.</summary>
    public RouteSpec ToSpec() => new()
    {
        Destination = Destination,
        Gateway = Gateway,
        Dev = Dev,
        Table = Table,
        Protocol = Protocol,
        Scope = Destination.IsV6 ? null : Scope,
        Type = Type,
        Priority = Priority == 0 ? null : Priority,
        PreferredSource = PreferredSource,
        OnLink = OnLink,
        Mtu = Mtu,
        LockMtu = LockMtu,
        AdvMss = AdvMss,
        NextHops = NextHops.Count == 0 ? null : [.. NextHops],
    };

    public override string ToString() => ToSpec().ToString();
}
