using Twill.Fabric.Model;

namespace Twill.Fabric.Plan;

/// <summary>From one list to the next.</summary>
public sealed partial class Admission
{
    /// <summary>What a list changed about who is in force.</summary>
    internal sealed class Step
    {
        /// <summary>No longer in force, or not as they were.</summary>
        internal List<ClusterNode> Before { get; } = [];

        /// <summary>In force now and not before, or not like this.</summary>
        internal List<ClusterNode> Now { get; } = [];

        // For Undo: who was taken out and who was put in, and what the step began with.
        internal List<Standing> Lifted { get; } = [];

        internal List<Standing> Placed { get; } = [];

        internal required IReadOnlyList<ClusterNode> Listed { get; init; }

        internal required List<ClusterNode> Waiting { get; init; }

        internal required List<Refusal> Refusals { get; init; }
    }

    /// <summary>Decides about the next list by looking at what differs from the one before, and at who was refused.</summary>
    /// <returns>Null, and nothing is changed: this node itself is another, so that everybody has to be looked at (<see cref="Begin"/>).</returns>
    internal Step? Follow(IReadOnlyList<ClusterNode> nodes)
    {
        ListChange change = ListChange.Between(_listed, nodes);
        if (Concerns(change.Gone) || Concerns(change.Come) || Concerns(_waiting)) return null;
        var step = new Step { Listed = _listed, Waiting = _waiting, Refusals = _refusals };
        List<ClusterNode> again = [.. change.Come];
        var gone = new Dictionary<ClusterNode, int>(change.Gone.Count, ReferenceEqualityComparer.Instance);
        var touched = new HashSet<string>(change.Gone.Count + change.Come.Count + _waiting.Count);
        foreach (ClusterNode node in change.Come) touched.Add(node.Name);
        foreach (ClusterNode node in change.Gone)
        {
            touched.Add(node.Name);
            gone[node] = gone.GetValueOrDefault(node) + 1;
        }

        foreach (ClusterNode node in _waiting)
        {
            touched.Add(node.Name);
            if (gone.TryGetValue(node, out int times) && times > 0) gone[node] = times - 1;
            else again.Add(node);
        }

        // In the way of nobody while the others decide, unless the list still has it as it is.
        var was = new Dictionary<string, ClusterNode>(touched.Count);
        var kept = new HashSet<string>();
        foreach (string name in touched)
        {
            if (!_standing.TryGetValue(name, out Standing there)) continue;
            was.Add(name, there.InForce);
            if (there.Listed is not null && gone.GetValueOrDefault(there.Listed) == 0)
            {
                kept.Add(name);
                continue;
            }

            step.Lifted.Add(there);
            Withdraw(there.InForce);
        }

        (_listed, _waiting, _refusals) = (nodes, [], []);
        Decide(again, was.GetValueOrDefault, null);
        _refusals.Sort(InOrder);
        foreach (string name in touched)
        {
            if (kept.Contains(name)) continue;
            ClusterNode? old = was.GetValueOrDefault(name);
            bool stands = _standing.TryGetValue(name, out Standing now);
            if (stands) step.Placed.Add(now);
            if (old is not null && stands && old.IsSame(now.InForce)) continue;
            if (old is not null) step.Before.Add(old);
            if (stands) step.Now.Add(now.InForce);
        }

        return step;
    }

    /// <summary>As it was before the last step.</summary>
    internal void Undo(Step step)
    {
        foreach (Standing now in step.Placed) Withdraw(now.InForce);
        foreach (Standing old in step.Lifted) Admit(old);
        (_listed, _waiting, _refusals) = (step.Listed, step.Waiting, step.Refusals);
    }

    private bool Concerns(IReadOnlyList<ClusterNode> nodes)
    {
        for (int i = 0; i < nodes.Count; i++)
        {
            if (nodes[i].Name == _self) return true;
        }

        return false;
    }
}
