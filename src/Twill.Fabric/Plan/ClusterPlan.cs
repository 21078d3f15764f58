using Twill.Fabric.Backends;
using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Plan;

/// <summary>Every node's plan from the list of nodes, without asking any kernel (DESIGN 5).</summary>
/// <remarks>The cluster's backend answers for each peer and block which way it is reached; what the ways need is put together here.</remarks>
public static class ClusterPlan
{
    /// <summary>Our mark on routes. Like: echo "77 twill" >> /etc/iproute2/rt_protos.d/twill.conf.</summary>
    public static RouteProtocol TwillRouteProtocol { get; } = new(77);

    /// <summary>The plan of a node whose addresses are ours to set: as the list describes it.</summary>
    /// <exception cref="FabricException">Two blocks overlap, two nodes have one address, or a block's family has no address to go via.</exception>
    public static NodePlan For(Cluster cluster, ClusterNode node)
    {
        Check(cluster, node.Name, Underlay.Of(cluster, node));
        return Described(cluster, node);
    }

    /// <inheritdoc cref="For(Cluster, ClusterNode)"/>
    public static IReadOnlyList<NodePlan> ForAll(Cluster cluster)
    {
        foreach (ClusterNode node in cluster.Nodes) Check(cluster, node.Name, Underlay.Of(cluster, node));
        return [.. cluster.Nodes.Select(node => Described(cluster, node))];
    }

    /// <summary>The plan of a node that has its own addresses: nothing on the underlay is set.</summary>
    /// <param name="cluster">Admitted nodes only (<see cref="Admission"/>).</param>
    /// <param name="node">One of them: this node.</param>
    /// <param name="underlay">As the kernel of this node has it.</param>
    /// <exception cref="FabricException">No tunnel can carry all nodes, or the backend has a name that is none.</exception>
    public static NodePlan For(Cluster cluster, ClusterNode node, Underlay underlay)
    {
        IBackend backend = Backends.Backends.Find(cluster.Backend);
        bool? outer = backend.Tunnels ? Overlay.OuterIsV6(cluster) : null;
        return For(cluster, node, underlay, new PlanGround(outer, cluster.Nodes.Any(peer => peer.Name != node.Name && IsFar(backend, underlay, node, peer))));
    }

    /// <summary>The plan with these nodes only, as it is on the ground that all of them make.</summary>
    /// <remarks>
    /// Admitted nodes share no address, and nothing in a plan comes from two of them: so the difference between two plans on one ground
    /// is the difference between their parts with the nodes that changed.
    /// </remarks>
    internal static NodePlan For(Cluster cluster, ClusterNode node, Underlay underlay, PlanGround ground)
    {
        bool v4 = node.Speaks(v6: false), v6 = node.Speaks(v6: true);
        var entries = new PeerEntries();
        foreach (IpAddress gateway in cluster.Gateways)
        {
            if ((gateway.IsV6 ? v6 : v4) && underlay.IsNear(new IpPrefix(gateway, gateway.Bits))) entries.Routes.Add(new NodeRoute(gateway.IsV6 ? RouteSpec.DefaultV6 : RouteSpec.DefaultV4, gateway));
        }

        foreach (ClusterNode peer in cluster.Nodes)
        {
            if (peer.Name != node.Name) AddPeer(cluster, underlay, node, peer, ground, entries);
        }

        NodeVxlan? vxlan = ground.HasFar ? VxlanOf(cluster, node, underlay, ground.OuterV6!.Value) : null;
        return new NodePlan
        {
            Node = node.Name,
            Device = underlay.Device,
            Sysctls = SysctlsOf(v4, v6, vxlan),
            Addresses = [],
            Routes = entries.Routes,
            Vxlan = vxlan,
            VxlanName = cluster.Vxlan.Device,
            OverlayAddresses = vxlan is null ? [] : OverlayAddressesOf(node),
            Neighbours = entries.Neighbours,
            Forwards = entries.Forwards,
            Table = NodeTable.For(cluster, node, vxlan),
            PodMtu = underlay.Mtu - (ground.OuterV6 is { } family ? Overlay.OverheadOf(family) : 0),
            PodMtuWhy = ground.OuterV6 is { } o
                ? $"{underlay.Mtu} of {underlay.Device} less {Overlay.OverheadOf(o)} for VXLAN over IPv{(o ? 6 : 4)}{(vxlan is null ? ", kept free though no node is far now: running pods keep their MTU when one comes" : "")}"
                : $"{underlay.Mtu} of {underlay.Device}, nothing is put around packets",
            PodGsoMaxSize = GsoMaxSizeOf(underlay, ground.OuterV6 is not null),
            PodGsoWhy = GsoWhy(underlay, ground.OuterV6 is not null),
        };
    }

    /// <summary>Whether the tunnel leads to it.</summary>
    internal static bool IsFar(IBackend backend, Underlay underlay, ClusterNode node, ClusterNode peer)
    {
        for (int i = 0; i < peer.PodBlocks.Count; i++)
        {
            bool v6 = peer.PodBlocks[i].IsV6;
            if (node.Speaks(v6) && backend.WayTo(peer, v6, underlay) == Way.Tunnel) return true;
        }

        return false;
    }

    /// <summary>That of the underlay. A tunnel's outer UDP header has 16 bits for the length: larger pieces would be cut before it, into single packets.</summary>
    private static int GsoMaxSizeOf(Underlay underlay, bool tunnels) => tunnels ? Math.Min(underlay.GsoMaxSize, Segments.UsualMax) : underlay.GsoMaxSize;

    private static string GsoWhy(Underlay underlay, bool tunnels) => underlay.GsoMaxSize switch
    {
        > Segments.UsualMax when tunnels => $"{underlay.Device} takes {underlay.GsoMaxSize}, but what may have to go through VXLAN cannot be larger",
        Segments.UsualMax when !tunnels => $"as {underlay.Device}; pods follow where it is given more (ip link set {underlay.Device} gso_ipv4_max_size N)",
        _ => $"as {underlay.Device}",
    };

    private static NodePlan Described(Cluster cluster, ClusterNode node) => For(cluster, node, Underlay.Of(cluster, node)) with { Addresses = node.Addresses };

    /// <summary>Adds what leads to one other node.</summary>
    internal static void AddPeer(Cluster cluster, Underlay underlay, ClusterNode node, ClusterNode peer, PlanGround ground, PeerEntries entries)
    {
        IBackend backend = Backends.Backends.Find(cluster.Backend);
        List<NodeNeighbour> neighbours = entries.Neighbours;
        int before = neighbours.Count;
        for (int i = 0; i < peer.PodBlocks.Count; i++)
        {
            IpPrefix block = peer.PodBlocks[i];
            if (!node.Speaks(block.IsV6)) continue;
            switch (backend.WayTo(peer, block.IsV6, underlay))
            {
                case Way.Direct:
                    entries.Routes.Add(new NodeRoute(block.Network, peer.AddressOf(block.IsV6)));
                    break;
                case Way.Tunnel:
                    bool outer = ground.OuterV6!.Value;
                    IpAddress end = Overlay.GatewayOf(peer, block.IsV6, outer);
                    var neighbour = new NodeNeighbour(end, Overlay.MacOf(peer.AddressOf(outer)!.Value));
                    entries.Routes.Add(new NodeRoute(block.Network, end, cluster.Vxlan.Device, OnLink: !block.IsV6));
                    if (neighbours.IndexOf(neighbour, before) < 0) neighbours.Add(neighbour);
                    break;
                default:
                    break;
            }
        }

        if (neighbours.Count > before) entries.Forwards.Add(new NodeForward(neighbours[before].Mac, peer.AddressOf(ground.OuterV6!.Value)!.Value));
    }

    private static NodeVxlan VxlanOf(Cluster cluster, ClusterNode node, Underlay underlay, bool outerV6)
    {
        IpAddress local = node.AddressOf(outerV6)!.Value;
        return new NodeVxlan
        {
            Name = cluster.Vxlan.Device,
            Vni = cluster.Vxlan.Vni,
            Port = cluster.Vxlan.Port,
            Local = local,
            UnderlayDevice = underlay.Device,
            Mac = Overlay.MacOf(local),
            Mtu = underlay.Mtu - Overlay.OverheadOf(outerV6),
        };
    }

    private static List<IpPrefix> OverlayAddressesOf(ClusterNode node)
    {
        var addresses = new List<IpPrefix>(2);
        if (Overlay.AddressOf(node, v6: false) is { } v4) addresses.Add(new IpPrefix(v4, v4.Bits));
        if (Overlay.AddressOf(node, v6: true) is { } v6) addresses.Add(new IpPrefix(v6, v6.Bits));
        return addresses;
    }

    private static List<NodeStep.SetSysctl> SysctlsOf(bool v4, bool v6, NodeVxlan? vxlan)
    {
        var sysctls = new List<NodeStep.SetSysctl>();
        if (v4) sysctls.Add(new NodeStep.SetSysctl("net/ipv4/ip_forward", "1"));
        if (v6) sysctls.Add(new NodeStep.SetSysctl("net/ipv6/conf/all/forwarding", "1"));

        // A node answers a pod with its underlay address, through the tunnel: strict reverse path filtering on the far side would drop it.
        if (v4 && vxlan is not null) sysctls.Add(new NodeStep.SetSysctl($"net/ipv4/conf/{vxlan.Name}/rp_filter", "2"));
        return sysctls;
    }

    private static void Check(Cluster cluster, string self, Underlay underlay)
    {
        IReadOnlyList<Refusal> refusals = Admission.Of(cluster, self, underlay).Refusals;
        if (refusals.Count > 0) throw new FabricException(FabricFault.Configuration, refusals[0].Text);
    }
}
