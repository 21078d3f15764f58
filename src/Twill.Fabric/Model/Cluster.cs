using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>All nodes, as one source tells them: what each node's network is computed from.</summary>
public sealed record Cluster
{
    public required IReadOnlyList<ClusterNode> Nodes { get; init; }

    /// <summary>The nodes' interface on the link they share.</summary>
    public string Device { get; init; } = "eth0";

    /// <summary>The router on that link, one address of each family at most; empty: the nodes' default routes are not ours to set.</summary>
    public IReadOnlyList<IpAddress> Gateways { get; init; } = [];
}
