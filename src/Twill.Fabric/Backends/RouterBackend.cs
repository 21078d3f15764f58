using Twill.Fabric.Model;

namespace Twill.Fabric.Backends;

/// <summary>Nothing per node: a router on the default path knows all blocks, by its configuration or a routing protocol.</summary>
/// <remarks>Does not grow. docs/backends/router.md.</remarks>
internal sealed class RouterBackend : IBackend
{
    public string Name => "router";

    public string Summary => "the default route leads to a router that knows all blocks";

    public bool Tunnels => false;

    public Way WayTo(ClusterNode peer, bool v6, Underlay underlay) => Way.Default;
}
