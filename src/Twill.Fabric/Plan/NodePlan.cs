using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Plan;

/// <summary>What one node's network shall be, beside its pods. Prints itself as the commands that make it by hand.</summary>
public sealed partial record NodePlan
{
    public required string Node { get; init; }

    public required string Device { get; init; }

    public required IReadOnlyList<NodeStep.SetSysctl> Sysctls { get; init; }

    /// <summary>On the device; none where they are not ours to set.</summary>
    public required IReadOnlyList<IpPrefix> Addresses { get; init; }

    public required IReadOnlyList<NodeRoute> Routes { get; init; }

    /// <summary>Null: no peer is reached through a tunnel.</summary>
    public NodeVxlan? Vxlan { get; init; }

    /// <summary>This node's tunnel end, with full prefix lengths: source of what the node itself sends to pods behind the tunnel.</summary>
    public IReadOnlyList<IpPrefix> OverlayAddresses { get; init; } = [];

    public IReadOnlyList<NodeNeighbour> Neighbours { get; init; } = [];

    public IReadOnlyList<NodeForward> Forwards { get; init; } = [];

    /// <summary>Null: nothing in nftables.</summary>
    public NodeTable? Table { get; init; }

    /// <summary>The VXLAN device's name, also where the plan has none and one of ours may be left.</summary>
    public string VxlanName { get; init; } = VxlanSettings.DefaultDevice;

    /// <summary>Bytes: what pods' interfaces shall have.</summary>
    public int PodMtu { get; init; } = Mtu.Ethernet.Value;

    /// <summary>Why that many, for people.</summary>
    public string PodMtuWhy { get; init; } = "";

    /// <summary>Bytes: what pods' interfaces shall take in one piece, so that nothing on the way cuts it before the wire does.</summary>
    public int PodGsoMaxSize { get; init; } = Segments.UsualMax;

    /// <summary>Why that many, for people.</summary>
    public string PodGsoWhy { get; init; } = "";

    /// <summary>The plan of a node that is taken out: applied, it removes all that earlier plans made, but forwarding and the underlay's addresses.</summary>
    public static NodePlan Nothing(string node, string device, string vxlanName = VxlanSettings.DefaultDevice)
        => new() { Node = node, Device = device, VxlanName = vxlanName, Sysctls = [], Addresses = [], Routes = [] };

    /// <summary>The writes that lead from a state to the plan; empty where they agree.</summary>
    /// <remarks>
    /// Additions come before removals, so that a way is never missing longer than needed; what is needed by others comes before
    /// them: the guard before the device it guards, the tunnel's ends before the routes through it. Addresses of the underlay that
    /// the plan does not name are not ours to remove. Grows with the number of nodes: one look-up for each entry.
    /// </remarks>
    public IReadOnlyList<NodeStep> Difference(NodeState state)
    {
        var steps = new List<NodeStep>();
        var late = new List<NodeStep>();
        foreach (IpPrefix address in Addresses)
        {
            if (!state.Addresses.Contains(address)) steps.Add(new NodeStep.AddAddress(address, Device));
        }

        TableDifference(state, steps, late);
        bool fresh = LinkDifference(state, steps, late);
        foreach (NodeStep.SetSysctl wanted in Sysctls)
        {
            if (state.Sysctls.GetValueOrDefault(wanted.Key) != wanted.Value || (fresh && IsOfTunnel(wanted))) steps.Add(wanted);
        }

        if (Vxlan is not null) TunnelDifference(fresh ? NodeState.Empty : state, steps, late);

        var present = new Dictionary<IpPrefix, NodeRoute>(state.Routes.Count);
        foreach (NodeRoute route in state.Routes) present[route.Destination] = route;
        foreach (NodeRoute route in Routes)
        {
            if (!present.Remove(route.Destination, out NodeRoute? old)) steps.Add(new NodeStep.AddRoute(route, Device));
            else if (old != route || (fresh && route.Device == VxlanName)) steps.Add(new NodeStep.ReplaceRoute(route, Device));
        }

        foreach (NodeRoute route in present.Values) steps.Add(new NodeStep.RemoveRoute(route));
        steps.AddRange(late);
        return steps;
    }

    public IEnumerable<string> ToLines() => Difference(NodeState.Empty).SelectMany(s => s.ToString().Split('\n'));

    /// <summary>The state of a node that is as planned.</summary>
    public NodeState ToState() => new()
    {
        Sysctls = Sysctls.ToDictionary(s => s.Key, s => s.Value),
        Addresses = Addresses,
        Routes = Routes,
        Vxlan = Vxlan,
        OverlayAddresses = OverlayAddresses,
        Neighbours = Neighbours,
        Forwards = Forwards,
        Table = Table?.ToState(),
    };

    /// <summary>The state of a node that is as an earlier plan said: what a table with other chains or rules has in its sets is no use to this one.</summary>
    internal NodeState Knowing(NodePlan before)
    {
        NodeState state = before.ToState();
        return Table is null || before.Table is null || Table.HasShapeOf(before.Table) ? state : state with { Table = state.Table! with { Intact = false } };
    }
}
