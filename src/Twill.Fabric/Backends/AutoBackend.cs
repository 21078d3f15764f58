using Twill.Fabric.Model;

namespace Twill.Fabric.Backends;

/// <summary>Per peer: direct where its address is on a link of ours, else VXLAN. A node that moves changes its way live.</summary>
/// <remarks>docs/backends/auto.md.</remarks>
internal sealed class AutoBackend : IBackend
{
    public string Name => "auto";

    public string Summary => "direct to nodes on this node's link, VXLAN to the others";

    public bool Tunnels => true;

    public Way WayTo(ClusterNode peer, bool v6, Underlay underlay)
        => peer.PrefixOf(v6) is { } address && underlay.IsNear(address) ? Way.Direct : Way.Tunnel;
}
