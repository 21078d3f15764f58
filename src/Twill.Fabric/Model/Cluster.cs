using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>All nodes, as one source tells them: what each node's network is computed from.</summary>
public sealed record Cluster
{
    public required IReadOnlyList<ClusterNode> Nodes { get; init; }

    /// <summary>The nodes' interface on the link they share.</summary>
    public string Device { get; init; } = "eth0";

    /// <summary>Routers, one address of each family on each link: a node's default route goes to the one on its own. Empty: default routes are not ours to set.</summary>
    public IReadOnlyList<IpAddress> Gateways { get; init; } = [];

    /// <summary>How nodes reach each other: a name of <see cref="Backends.Backends.All"/>.</summary>
    public string Backend { get; init; } = Backends.Backends.Default;

    public VxlanSettings Vxlan { get; init; } = new();

    /// <summary>What all pods' addresses are of; empty: the nodes' blocks, as far as they are known.</summary>
    public IReadOnlyList<IpPrefix> PodCidrs { get; init; } = [];

    /// <summary>What leaves the cluster from this node's block is masqueraded, once for all networks of the node.</summary>
    public bool Masquerade { get; init; }

    /// <summary>Destinations reached without masquerading, beside pods and nodes.</summary>
    public IReadOnlyList<IpPrefix> MasqueradeExcept { get; init; } = [];
}
