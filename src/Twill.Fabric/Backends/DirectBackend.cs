using Twill.Fabric.Model;

namespace Twill.Fabric.Backends;

/// <summary>One route for each block of each other node, via that node's address: the nodes share a link.</summary>
/// <remarks>Grows by one route per block; with the agent dead everything stays. docs/backends/direct.md.</remarks>
internal sealed class DirectBackend : IBackend
{
    public string Name => "direct";

    public string Summary => "one route per node; all nodes are on one link";

    public bool Tunnels => false;

    public Way WayTo(ClusterNode peer, bool v6, Underlay underlay) => Way.Direct;
}
