namespace Twill.Linux.Route;

/// <summary>A neighbour or a forwarding entry, as the kernel told it.</summary>
public sealed record Neighbour
{
    /// <inheritdoc cref="NeighbourView.Family"/>
    public byte Family { get; init; }

    public required IfIndex Dev { get; init; }

    public NeighbourState State { get; init; }

    public NeighbourFlags Flags { get; init; }

    /// <inheritdoc cref="NeighbourView.Address"/>
    public IpAddress? Address { get; init; }

    /// <inheritdoc cref="NeighbourView.Mac"/>
    public MacAddress? Mac { get; init; }

    public IfIndex? Master { get; init; }

    public ushort Port { get; init; }

    public Vni? Vni { get; init; }

    public ushort Vlan { get; init; }

    /// <inheritdoc cref="NeighbourSpec.Protocol"/>
    public byte Protocol { get; init; }
}
