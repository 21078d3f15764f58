using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netns;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Fabric.Apply;

/// <summary>Asks the kernel for everything that a plan is about, and for what earlier plans may have left.</summary>
/// <remarks>Six dumps, none of them of all links: pods do not make it slower. Dumps that a change cut across are repeated by the socket.</remarks>
internal static class NodeReader
{
    /// <exception cref="FabricException">The device is missing, or our device's name belongs to something else.</exception>
    internal static NodeState Read(NetworkNamespace? network, RouteSocket host, NftSocket nft, NodePlan plan, out NodeLinks links)
    {
        if (!host.TryGetLink(plan.Device, out Link? device)) throw new FabricException(FabricFault.Configuration, $"node {plan.Node} has no interface {plan.Device}: name the one on the nodes' common link (`ip link` lists them)");
        Link? tunnel = FindTunnel(host, plan);
        links = new NodeLinks(device.Index, tunnel?.Index);
        var state = new NodeState
        {
            Sysctls = ReadSysctls(network, plan),
            Addresses = plan.Addresses.Count == 0 ? [] : host.Addresses(device.Index).ConvertAll(a => a.Address),
            Routes = ReadRoutes(host, plan, links),
            Table = ReadTable(nft, plan.Table),
        };
        return tunnel is null ? state : WithTunnel(state, host, plan, device, tunnel);
    }

    private static Link? FindTunnel(RouteSocket host, NodePlan plan)
    {
        if (host.FindLink(plan.VxlanName) is not { } link) return null;

        // A kill right after it was made leaves it without its mark: the address we give says as well whose it is.
        if (link.Kind == "vxlan" && (link.Alias == NodeStep.VxlanAlias || (link.Alias.Length == 0 && link.Mac == plan.Vxlan?.Mac))) return link;
        return plan.Vxlan is null ? null : throw new FabricException(FabricFault.Foreign, $"interface {plan.VxlanName} is somebody else's ({(link.Kind.Length == 0 ? "a device" : link.Kind)}): rename it, or give the overlay's device another name");
    }

    private static NodeState WithTunnel(NodeState state, RouteSocket host, NodePlan plan, Link device, Link tunnel)
    {
        VxlanInfo info = tunnel.Vxlan ?? default;
        return state with
        {
            Vxlan = new NodeVxlan
            {
                Name = tunnel.Name,
                Vni = info.Vni,
                Port = info.Port,
                Local = info.Local ?? default,
                UnderlayDevice = info.Dev == device.Index ? plan.Device : $"#{info.Dev}",
                Mac = tunnel.Mac ?? default,
                Mtu = tunnel.Mtu.Value,
                Learning = info.Learning,
                IsUp = tunnel.IsUp && tunnel.Alias == NodeStep.VxlanAlias,
            },
            OverlayAddresses = host.Addresses(tunnel.Index).FindAll(a => a.Scope != RouteScope.Link).ConvertAll(a => a.Address),
            Neighbours = [.. host.Neighbours(tunnel.Index).Where(n => n is { State: NeighbourState.Permanent, Address: not null, Mac: not null }).Select(n => new NodeNeighbour(n.Address!.Value, n.Mac!.Value))],
            Forwards = [.. host.Fdb(tunnel.Index).Where(n => n.Dev == tunnel.Index && n is { Address: not null, Mac: not null }).Select(n => new NodeForward(n.Mac!.Value, n.Address!.Value))],
        };
    }

    private static Dictionary<string, string> ReadSysctls(NetworkNamespace? network, NodePlan plan)
    {
        var sysctls = new Dictionary<string, string>();
        if (plan.Sysctls.Count == 0) return sysctls;
        NodeApply.Inside(network, () =>
        {
            foreach (NodeStep.SetSysctl s in plan.Sysctls)
            {
                if (Sysctl.Read(s.Key) is { } value) sysctls[s.Key] = value;
            }
        });
        return sysctls;
    }

    private static List<NodeRoute> ReadRoutes(RouteSocket host, NodePlan plan, NodeLinks links)
    {
        var routes = new List<NodeRoute>(plan.Routes.Count);
        foreach (Route route in host.Routes(new RouteFilter(Protocol: ClusterPlan.TwillRouteProtocol)))
        {
            if (route.Table != RouteTable.Main) continue;
            string? device = route.Dev == links.Device ? null : route.Dev == links.Tunnel ? plan.VxlanName : $"#{route.Dev}";
            routes.Add(new NodeRoute(route.Destination, route.Gateway, device, route.OnLink));
        }

        return routes;
    }

    private static NodeTableState? ReadTable(NftSocket nft, NodeTable? wanted)
    {
        if (nft.Table(NodeTable.Table.Family, NodeTable.Table.Name) is not { } table) return null;
        if (wanted is null || (table.Flags & NftTableFlags.Dormant) != 0 || !SameChains(nft, wanted) || !SameRules(nft, wanted)) return new NodeTableState(false, NoElements);
        var present = nft.Sets(NodeTable.Table);
        if (present.Length != wanted.Sets.Count) return new NodeTableState(false, NoElements);
        var elements = new Dictionary<string, IReadOnlySet<(IpAddress, IpAddress)>>();
        foreach (NodeSet set in wanted.Sets)
        {
            if (!present.Any(s => s.Name == set.Set.Name && s.Key.Equals(set.Set.Key) && s.Interval == set.Set.Interval)) return new NodeTableState(false, NoElements);
            var ranges = new HashSet<(IpAddress, IpAddress)>();
            foreach (NftElement element in nft.Elements(set.Set)) ranges.Add((IpAddress.Read(element.Key.Span), IpAddress.Read((element.Last ?? element.Key).Span)));
            elements[set.Set.Name] = ranges;
        }

        return new NodeTableState(true, elements);
    }

    private static Dictionary<string, IReadOnlySet<(IpAddress, IpAddress)>> NoElements { get; } = [];

    private static bool SameChains(NftSocket nft, NodeTable wanted)
    {
        var present = nft.Chains(NodeTable.Table);
        return present.Length == wanted.Chains.Count && wanted.Chains.All(w => present.Any(p => p.Name == w.Name && Equals(p.Hook, w.Hook) && p.Policy == w.Policy));
    }

    private static bool SameRules(NftSocket nft, NodeTable wanted)
    {
        var present = nft.Rules(NodeTable.Table);
        if (present.Length != wanted.Rules.Count) return false;
        foreach (NftChain chain in wanted.Chains)
        {
            NftRuleInfo[] there = [.. present.Where(r => r.Chain.Name == chain.Name)];
            NftRule[] ours = [.. wanted.Rules.Where(r => r.Chain.Name == chain.Name)];
            if (there.Length != ours.Length) return false;
            for (int i = 0; i < ours.Length; i++)
            {
                if (!ours[i].Matches(there[i])) return false;
            }
        }

        return true;
    }
}

/// <summary>The indices of a plan's devices, as they are now.</summary>
internal readonly record struct NodeLinks(IfIndex Device, IfIndex? Tunnel);
