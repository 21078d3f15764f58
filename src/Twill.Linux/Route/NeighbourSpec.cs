namespace Twill.Linux.Route;

/// <summary>Which link address an IP address has on a link.</summary>
public readonly record struct NeighbourSpec
{
    public required IfIndex Dev { get; init; }

    public required IpAddress Address { get; init; }

    /// <summary>Null for a proxy entry.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>Null: permanent.</summary>
    public NeighbourState? State { get; init; }

    public NeighbourFlags Flags { get; init; }

    /// <summary>Mark of the maker (Linux 4.19); 0: none.</summary>
    public byte Protocol { get; init; }

    /// <summary>As `ip neigh` takes it.</summary>
    public override string ToString() => $"{Address}{(Mac is null ? "" : $" lladdr {Mac}")} dev #{Dev}";
}
