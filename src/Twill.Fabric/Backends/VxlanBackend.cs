using Twill.Fabric.Model;

namespace Twill.Fabric.Backends;

/// <summary>One device; per remote node a route and a neighbour of each family and one forwarding entry. Nothing is learned.</summary>
/// <remarks>Grows by three entries per node and family; with the agent dead everything stays. docs/backends/vxlan.md.</remarks>
internal sealed class VxlanBackend : IBackend
{
    public string Name => "vxlan";

    public string Summary => "every node through VXLAN; the nodes reach each other by IP";

    public bool Tunnels => true;

    public Way WayTo(ClusterNode peer, bool v6, Underlay underlay) => Way.Tunnel;
}
