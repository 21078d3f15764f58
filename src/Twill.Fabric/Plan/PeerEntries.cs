using Twill.Fabric.Model;

namespace Twill.Fabric.Plan;

/// <summary>What other nodes bring into a node's plan, beside elements of sets.</summary>
internal sealed class PeerEntries
{
    internal List<NodeRoute> Routes { get; } = [];

    internal List<NodeNeighbour> Neighbours { get; } = [];

    internal List<NodeForward> Forwards { get; } = [];
}
