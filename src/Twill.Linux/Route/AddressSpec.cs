namespace Twill.Linux.Route;

/// <summary>An address to be put on a link.</summary>
public readonly record struct AddressSpec
{
    public required IfIndex Dev { get; init; }

    /// <summary>The address with the length of its subnet, host bits kept: 10.244.1.7/24.</summary>
    public required IpPrefix Address { get; init; }

    /// <summary>The other end of a point-to-point link; the prefix length is then the peer's.</summary>
    public IpAddress? Peer { get; init; }

    public IpAddress? Broadcast { get; init; }

    public AddressFlags Flags { get; init; }

    /// <summary>Null: host for 127.0.0.0/8, else universe.</summary>
    public RouteScope? Scope { get; init; }

    /// <summary>Mark of the maker (Linux 5.18); 0: none.</summary>
    public byte Protocol { get; init; }

    /// <summary>Seconds after which the kernel takes the address away by itself, a quarter of a second late at most; null: never.</summary>
    public uint? ValidSeconds { get; init; }

    /// <summary>Never the source of connections that this node opens, where another address will do (preferred_lft 0). Only beside <see cref="ValidSeconds"/>.</summary>
    public bool Deprecated { get; init; }

    /// <summary>As `ip addr` takes it, with an index for the device.</summary>
    public override string ToString() => $"{Address}{(Peer is null ? "" : $" peer {Peer}")} dev #{Dev}";
}
