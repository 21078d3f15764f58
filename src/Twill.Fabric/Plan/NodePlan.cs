using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Plan;

/// <summary>What one node's network shall be, beside its pods. Prints itself as the commands that make it by hand.</summary>
public sealed record NodePlan
{
    public required string Node { get; init; }

    public required string Device { get; init; }

    public required IReadOnlyList<NodeStep.SetSysctl> Sysctls { get; init; }

    public required IReadOnlyList<IpPrefix> Addresses { get; init; }

    public required IReadOnlyList<NodeRoute> Routes { get; init; }

    /// <summary>The writes that lead from a state to the plan; empty where they agree.</summary>
    /// <remarks>
    /// Additions come before removals, so that a way is never missing longer than needed. Addresses that the plan does not name
    /// are not ours to remove. Grows with the number of nodes: one look-up for each route.
    /// </remarks>
    public IReadOnlyList<NodeStep> Difference(NodeState state)
    {
        var steps = new List<NodeStep>();
        foreach (NodeStep.SetSysctl wanted in Sysctls)
        {
            if (state.Sysctls.GetValueOrDefault(wanted.Key) != wanted.Value) steps.Add(wanted);
        }

        foreach (IpPrefix address in Addresses)
        {
            if (!state.Addresses.Contains(address)) steps.Add(new NodeStep.AddAddress(address, Device));
        }

        var present = new Dictionary<IpPrefix, NodeRoute>();
        foreach (NodeRoute route in state.Routes) present[route.Destination] = route;
        foreach (NodeRoute route in Routes)
        {
            if (!present.Remove(route.Destination, out NodeRoute? old)) steps.Add(new NodeStep.AddRoute(route, Device));
            else if (old != route) steps.Add(new NodeStep.ReplaceRoute(route, Device));
        }

        foreach (NodeRoute route in present.Values) steps.Add(new NodeStep.RemoveRoute(route));
        return steps;
    }

    public IEnumerable<string> ToLines()
    {
        foreach (NodeStep step in Difference(NodeState.Empty)) yield return step.ToString();
    }
}
