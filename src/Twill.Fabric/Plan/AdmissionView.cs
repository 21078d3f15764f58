using Twill.Fabric.Model;

namespace Twill.Fabric.Plan;

/// <summary>Who was in force at one moment: the list, but for those whose name is among the others. Never changes; from any thread.</summary>
/// <param name="others">By name, who stands in the place of the listed one; null: nobody.</param>
internal sealed class AdmissionView(IReadOnlyList<ClusterNode> listed, IReadOnlyDictionary<string, ClusterNode?> others)
{
    /// <summary>In the order of the list.</summary>
    internal List<ClusterNode> InForce()
    {
        var nodes = new List<ClusterNode>(listed.Count);
        HashSet<string>? given = null;
        foreach (ClusterNode node in listed)
        {
            if (!others.TryGetValue(node.Name, out ClusterNode? other)) nodes.Add(node);
            else if (other is not null && (given ??= []).Add(node.Name)) nodes.Add(other);
        }

        return nodes;
    }
}
