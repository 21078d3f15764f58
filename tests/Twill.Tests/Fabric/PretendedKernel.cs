using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Tests.Fabric;

/// <summary>Does to tables in memory what a plan's steps do to the kernel's; refuses what the kernel would refuse.</summary>
internal sealed class PretendedKernel(NodeState state)
{
    private readonly Dictionary<IpPrefix, NodeRoute> _routes = state.Routes.ToDictionary(r => r.Destination);
    private readonly Dictionary<string, string> _sysctls = new(state.Sysctls);
    private readonly HashSet<IpPrefix> _addresses = [.. state.Addresses], _overlay = [.. state.OverlayAddresses];
    private readonly Dictionary<IpAddress, NodeNeighbour> _neighbours = state.Neighbours.ToDictionary(n => n.Address);
    private readonly Dictionary<MacAddress, NodeForward> _forwards = state.Forwards.ToDictionary(f => f.Mac);
    private readonly Dictionary<string, HashSet<(IpAddress, IpAddress)>> _sets = state.Table?.Elements.ToDictionary(e => e.Key, e => e.Value.ToHashSet()) ?? [];
    private NodeVxlan? _vxlan = state.Vxlan;
    private string? _shape = state.Table is null ? null : ShapeOf(state.Table.Elements.Keys);

    internal NodeState State(NodePlan plan) => new()
    {
        Sysctls = _sysctls,
        Addresses = [.. _addresses],
        Routes = [.. _routes.Values],
        Vxlan = _vxlan,
        OverlayAddresses = [.. _overlay],
        Neighbours = [.. _neighbours.Values],
        Forwards = [.. _forwards.Values],
        Table = _shape is null ? null : new NodeTableState(plan.Table is { } t && _shape == ShapeOf(t.Sets.Select(s => s.Set.Name)), _sets.ToDictionary(s => s.Key, IReadOnlySet<(IpAddress, IpAddress)> (s) => s.Value)),
    };

    internal void Apply(NodeStep step)
    {
        switch (step)
        {
            case NodeStep.SetSysctl s: _sysctls[s.Key] = s.Value; break;
            case NodeStep.AddAddress a when a.Device == VxlanSettings.DefaultDevice: Tunnel(_overlay.Add(a.Address)); break;
            case NodeStep.AddAddress a: Require(_addresses.Add(a.Address)); break;
            case NodeStep.RemoveAddress a: Tunnel(_overlay.Remove(a.Address)); break;
            case NodeStep.AddVxlan v: Require(_vxlan is null); _vxlan = v.Link with { IsUp = false }; break;
            case NodeStep.RaiseVxlan v: Tunnel(_vxlan!.HasShapeOf(v.Link)); _vxlan = v.Link; break;
            case NodeStep.RemoveLink: DropTunnel(); break;
            case NodeStep.ReplaceNeighbour n: Tunnel(true); _neighbours[n.Neighbour.Address] = n.Neighbour; break;
            case NodeStep.RemoveNeighbour n: Tunnel(_neighbours.Remove(n.Neighbour.Address)); break;
            case NodeStep.ReplaceForward f: Tunnel(true); _forwards[f.Forward.Mac] = f.Forward; break;
            case NodeStep.RemoveForward f: Tunnel(_forwards.Remove(f.Forward.Mac)); break;
            case NodeStep.AddRoute r: Via(r.Route); Require(_routes.TryAdd(r.Route.Destination, r.Route)); break;
            case NodeStep.ReplaceRoute r: Via(r.Route); _routes[r.Route.Destination] = r.Route; break;
            case NodeStep.RemoveRoute r: _routes.Remove(r.Route.Destination); break; // may have gone with its device
            case NodeStep.BuildTable b: Build(b.Table); break;
            case NodeStep.RemoveTable: Require(_shape is not null); _shape = null; _sets.Clear(); break;
            case NodeStep.ChangeSet c: Change(c); break;
            default: throw new InvalidOperationException($"unknown step {step}");
        }
    }

    private static string ShapeOf(IEnumerable<string> sets) => string.Join(' ', sets.Order(StringComparer.Ordinal));

    private static void Require(bool condition)
    {
        if (!condition) throw new InvalidOperationException("the kernel would refuse this");
    }

    private void Tunnel(bool condition) => Require(_vxlan is not null && condition);

    private void Via(NodeRoute route) => Require(route.Device != VxlanSettings.DefaultDevice || (_vxlan is { IsUp: true } && _neighbours.ContainsKey(route.Gateway!.Value)));

    private void DropTunnel()
    {
        Require(_vxlan is not null);
        _vxlan = null;
        _overlay.Clear();
        _neighbours.Clear();
        _forwards.Clear();
        _sysctls.Remove($"net/ipv4/conf/{VxlanSettings.DefaultDevice}/rp_filter");
        foreach (NodeRoute route in _routes.Values.Where(r => r.Device == VxlanSettings.DefaultDevice).ToList()) _routes.Remove(route.Destination);
    }

    private void Build(NodeTable table)
    {
        _sets.Clear();
        foreach (NodeSet set in table.Sets) _sets[set.Set.Name] = [.. set.Elements.Select(e => (e.First, e.Last))];
        _shape = ShapeOf(_sets.Keys);
    }

    private void Change(NodeStep.ChangeSet change)
    {
        HashSet<(IpAddress, IpAddress)> set = _sets[change.Set.Name];
        foreach (NftElement element in change.Removed) Require(set.Remove(Range(element)));
        foreach (NftElement element in change.Added) Require(set.Add(Range(element)));
    }

    private static (IpAddress First, IpAddress Last) Range(NftElement element) => (IpAddress.Read(element.Key.Span), IpAddress.Read((element.Last ?? element.Key).Span));
}
