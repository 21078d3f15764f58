using Twill.Fabric.Backends;
using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Plan;

/// <summary>What a node's network shall be, followed from one list of nodes to the next: the one place where the desired state lives. Pure.</summary>
/// <remarks>
/// It lives as the nodes in force; the entries that follow from a node are computed when they are needed. A new list costs what its changed
/// nodes cost, unless it changes what all depend on (<see cref="PlanGround"/>, this node itself, its underlay, the settings): then it is
/// the plan of everybody, by the same functions. Grows by one look at a pointer for each node, and by the nodes that are refused.
/// </remarks>
/// <param name="self">This node's name.</param>
internal sealed class NodePlanner(string self)
{
    private Admission? _admission;
    private PlanCensus _census;

    /// <summary>Nodes that are left out, or stay what they were; also when following ended with an error.</summary>
    internal IReadOnlyList<Refusal> Refusals { get; private set; } = [];

    /// <summary>Null until a list was followed. Never changes itself: to be given to other threads.</summary>
    internal PlanInForce? InForce { get; private set; }

    /// <summary>How many nodes were decided about since the last plan of everybody, that one included.</summary>
    internal long Decided => _admission?.Decided ?? 0;

    /// <summary>Goes on to this list; on an error everything stays as it was.</summary>
    /// <param name="cluster">As its source tells it; a node that did not change as the same object.</param>
    /// <param name="underlay">This node's; the same object unless it is another.</param>
    /// <param name="remembered">For the first list: nodes that the kernel reaches otherwise than the list says, as it does.</param>
    /// <param name="isProgrammed">For the first list: whether the kernel has routes to this very node.</param>
    /// <exception cref="FabricException">This node is refused, no tunnel can carry all nodes, or the backend has a name that is none.</exception>
    internal PlanStep Follow(Cluster cluster, Underlay underlay, IReadOnlyList<ClusterNode>? remembered = null, Func<ClusterNode, bool>? isProgrammed = null)
    {
        if (InForce is { } now && ReferenceEquals(underlay, now.Underlay) && now.Cluster with { Nodes = cluster.Nodes } == cluster && _admission!.Follow(cluster.Nodes) is { } step) return Part(cluster, now, step);
        Func<string, ClusterNode?> was = _admission is { } last ? last.Find : (remembered ?? []).ToDictionary(n => n.Name).GetValueOrDefault;
        Admission admission = Admission.Begin(cluster, self, underlay, was, _admission is null ? isProgrammed : null);
        Refusals = admission.Refusals;
        ClusterNode own = admission.Find(self)
            ?? throw new FabricException(FabricFault.Configuration, $"this node is refused, and nothing is changed until that is mended: {Refusals.FirstOrDefault(r => r.Node == self)?.Text}");
        AdmissionView view = admission.View();
        List<ClusterNode> nodes = view.InForce();
        var census = new PlanCensus();
        foreach (ClusterNode node in nodes) census.Count(cluster, underlay, own, node, 1);
        PlanGround ground = census.Ground(cluster, view);
        _admission = admission;
        _census = census;
        return Everything(InForce, new PlanInForce(cluster, underlay, own, view, ground));
    }

    /// <summary>Whether the plan has a route to exactly this destination.</summary>
    internal bool HasRouteTo(IpPrefix destination)
    {
        if (InForce is not { } now) return false;
        if (destination.Length == 0) return now.Frame.Routes.Any(r => r.Destination == destination);
        return _admission!.WithBlock(destination) is { } node && node.Name != self && now.EntriesOf(node).Routes.Exists(r => r.Destination == destination);
    }

    /// <summary>What the plan has behind this hardware address; null: nothing.</summary>
    internal NodeForward? ForwardOf(MacAddress mac)
        => InForce is { Ground.HasFar: true } now && _admission!.WithEnd(mac) is { } node && node.Name != self ? now.EntriesOf(node).Forwards.Find(f => f.Mac == mac) : null;

    /// <summary>What the plan has as neighbour behind the tunnel under this address; null: nothing.</summary>
    internal NodeNeighbour? NeighbourOf(IpAddress address)
    {
        if (InForce is not { Ground.HasFar: true } now) return null;
        ClusterNode? node = Overlay.MacBehind(address) is { } mac ? _admission!.WithEnd(mac) : _admission!.WithPod(address);
        return node is null || node.Name == self ? null : now.EntriesOf(node).Neighbours.Find(n => n.Address == address);
    }

    private PlanStep Everything(PlanInForce? before, PlanInForce now)
    {
        NodePlan plan = now.Plan();
        InForce = now;
        return new PlanStep(plan, before is null ? null : plan.Knowing(before.Plan()), now.Cluster.Nodes.Count);
    }

    private PlanStep Part(Cluster cluster, PlanInForce before, Admission.Step step)
    {
        Refusals = _admission!.Refusals;
        AdmissionView view = _admission.View();
        PlanCensus census = _census;
        foreach (ClusterNode node in step.Before) census.Count(cluster, before.Underlay, before.Own, node, -1);
        foreach (ClusterNode node in step.Now) census.Count(cluster, before.Underlay, before.Own, node, 1);
        PlanGround ground;
        try
        {
            ground = census.Ground(cluster, view);
        }
        catch (FabricException)
        {
            _admission.Undo(step);
            throw;
        }

        _census = census;
        if (ground != before.Ground) return Everything(before, new PlanInForce(cluster, before.Underlay, before.Own, view, ground));
        InForce = before.On(cluster, view);
        return new PlanStep(InForce.Part(step.Now), InForce.Part(step.Before).ToState(), step.Before.Count + step.Now.Count);
    }
}
