using Twill.Linux.Route;

namespace Twill.Fabric.Services.Model;

/// <summary>The node that services are programmed on.</summary>
public sealed record ServiceNode
{
    public required string Name { get; init; }

    public string? Zone { get; init; }

    /// <summary>Where NodePorts are open; no other address of the node is touched, so that a listener there keeps its port.</summary>
    public IReadOnlyList<IpAddress> NodePortAddresses { get; init; } = [];

    /// <summary>Addresses of this node's own pods.</summary>
    public IReadOnlyList<IpPrefix> PodBlocks { get; init; } = [];

    public bool Equals(ServiceNode? other)
        => other is not null && Name == other.Name && Zone == other.Zone && NodePortAddresses.SequenceEqual(other.NodePortAddresses) && PodBlocks.SequenceEqual(other.PodBlocks);

    public override int GetHashCode() => HashCode.Combine(Name, Zone, NodePortAddresses.Count, PodBlocks.Count);
}
