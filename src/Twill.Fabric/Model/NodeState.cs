using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>What the kernel says of the things that a node's plan is about.</summary>
public sealed record NodeState
{
    /// <summary>A node on which nothing has been done.</summary>
    public static NodeState Empty { get; } = new();

    /// <summary>By key with slashes.</summary>
    public IReadOnlyDictionary<string, string> Sysctls { get; init; } = new Dictionary<string, string>();

    /// <summary>On the device of the plan.</summary>
    public IReadOnlyList<IpPrefix> Addresses { get; init; } = [];

    /// <summary>Those with our protocol number, through the device of the plan or any other.</summary>
    public IReadOnlyList<NodeRoute> Routes { get; init; } = [];

    /// <summary>Null: there is none.</summary>
    public NodeVxlan? Vxlan { get; init; }

    /// <summary>On the VXLAN device, without those the kernel makes itself.</summary>
    public IReadOnlyList<IpPrefix> OverlayAddresses { get; init; } = [];

    /// <summary>Permanent ones on the VXLAN device.</summary>
    public IReadOnlyList<NodeNeighbour> Neighbours { get; init; } = [];

    public IReadOnlyList<NodeForward> Forwards { get; init; } = [];

    /// <summary>Null: there is none.</summary>
    public NodeTableState? Table { get; init; }
}
