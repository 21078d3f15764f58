using Twill.Fabric.Model;

namespace Twill.Fabric.Backends;

/// <summary>How packets get from node to node: pure, one answer for each peer and block. <see cref="Plan.ClusterPlan"/> makes the plan of the answers.</summary>
public interface IBackend
{
    string Name { get; }

    /// <summary>For people, in one sentence.</summary>
    string Summary { get; }

    /// <summary>Whether it may use the tunnel at all: pods' MTU leaves room for its headers.</summary>
    bool Tunnels { get; }

    /// <param name="peer">Another node.</param>
    /// <param name="v6">Of which family the block is.</param>
    /// <param name="underlay">This node's.</param>
    Way WayTo(ClusterNode peer, bool v6, Underlay underlay);
}
