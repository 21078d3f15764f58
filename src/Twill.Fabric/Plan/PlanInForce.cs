using Twill.Fabric.Model;

namespace Twill.Fabric.Plan;

/// <summary>Everything that a node's plan is computed from, at one moment. Never changes; from any thread.</summary>
internal sealed class PlanInForce
{
    private readonly AdmissionView _view;
    private IReadOnlyList<(string Set, int Elements)>? _sizes;

    internal PlanInForce(Cluster cluster, Underlay underlay, ClusterNode own, AdmissionView view, PlanGround ground)
        : this(cluster, underlay, own, view, ground, null)
    {
    }

    private PlanInForce(Cluster cluster, Underlay underlay, ClusterNode own, AdmissionView view, PlanGround ground, NodePlan? frame)
    {
        (Cluster, Underlay, Own, Ground, _view) = (cluster, underlay, own, ground, view);
        Frame = frame ?? Part([]);
    }

    /// <summary>As its source tells it.</summary>
    internal Cluster Cluster { get; }

    internal Underlay Underlay { get; }

    /// <summary>This node.</summary>
    internal ClusterNode Own { get; }

    internal PlanGround Ground { get; }

    /// <summary>The plan without any other node: names, MTU, the table's rules.</summary>
    internal NodePlan Frame { get; }

    /// <summary>After a change that nothing else depends on.</summary>
    internal PlanInForce On(Cluster cluster, AdmissionView view) => new(cluster, Underlay, Own, view, Ground, Frame);

    /// <summary>The plan with everybody in force. Computed anew each time: 1 ms and 3 MB for 5,000 nodes, for whoever looks at all of it.</summary>
    internal NodePlan Plan() => ClusterPlan.For(Cluster with { Nodes = _view.InForce() }, Own, Underlay, Ground);

    /// <summary>How many elements each set of the table has; counted for whoever asks first.</summary>
    internal IReadOnlyList<(string Set, int Elements)> SetSizes => _sizes ??= [.. (Plan().Table?.Sets ?? []).Select(s => (s.Set.Name, s.Elements.Count))];

    /// <summary>The plan as if these were the only other nodes, on the ground that all of them make.</summary>
    internal NodePlan Part(List<ClusterNode> nodes)
    {
        nodes.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return ClusterPlan.For(Cluster with { Nodes = [Own, .. nodes] }, Own, Underlay, Ground);
    }

    internal PeerEntries EntriesOf(ClusterNode peer)
    {
        var entries = new PeerEntries();
        ClusterPlan.AddPeer(Cluster, Underlay, Own, peer, Ground, entries);
        return entries;
    }
}
