using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>The node's end of the overlay: one device for all peers.</summary>
public sealed record NodeVxlan
{
    public required string Name { get; init; }

    public required Vni Vni { get; init; }

    /// <summary>UDP destination port.</summary>
    public required ushort Port { get; init; }

    /// <summary>Source of the outer packets.</summary>
    public required IpAddress Local { get; init; }

    /// <summary>The interface they leave by.</summary>
    public required string UnderlayDevice { get; init; }

    public required MacAddress Mac { get; init; }

    /// <summary>Bytes.</summary>
    public required int Mtu { get; init; }

    public bool Learning { get; init; }

    public bool IsUp { get; init; } = true;

    /// <summary>What the kernel lets nobody change later.</summary>
    public bool HasShapeOf(NodeVxlan other)
        => Vni == other.Vni && Port == other.Port && Local == other.Local && UnderlayDevice == other.UnderlayDevice && Learning == other.Learning;
}

/// <summary>The other end of a tunnel as a neighbour: its address inside, and the hardware address computed from its node's address.</summary>
public sealed record NodeNeighbour(IpAddress Address, MacAddress Mac);

/// <summary>Behind which node's address that hardware address is.</summary>
public sealed record NodeForward(MacAddress Mac, IpAddress Destination);
