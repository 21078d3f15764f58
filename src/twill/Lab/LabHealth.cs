using Twill.Fabric.Model;

namespace Twill.Lab;

/// <summary>What a lab lacks, seen from its picture alone.</summary>
internal static class LabHealth
{
    internal static IReadOnlyList<string> Problems(LabView view)
    {
        var problems = new List<string>();
        if (view.Router is null) problems.Add("the router is missing: nodes do not reach each other; `twill lab up` makes it again");
        foreach (NodeView node in view.Nodes)
        {
            if (node.Addresses.Count == 0) problems.Add($"{node.Name} has no address on its eth0; `twill lab up` puts it back");
            foreach (PodView pod in node.Pods)
            {
                if (pod.HostInterface is null) problems.Add($"pod {pod.Name} is not attached to {node.Name}; `twill lab up` attaches it");
                else if (!pod.Addresses.SequenceEqual(pod.NodeSays)) problems.Add($"pod {pod.Name} has the addresses {Text(pod.Addresses)}, its cable {pod.HostInterface} on {node.Name} was made for {Text(pod.NodeSays)}");
            }

            foreach (NodeView other in view.Nodes)
            {
                if (other == node || node.Addresses.Count == 0) continue;
                ClusterNode there = LabAddresses.Node(other.Index, v6: node.Addresses.Count > 1 && other.Addresses.Count > 1);
                foreach (var block in there.PodBlocks)
                {
                    RouteLine? route = node.Routes.FirstOrDefault(r => r.Destination == block.ToString());
                    if (route is null) problems.Add($"{node.Name} has no route to {block}, the pods of {other.Name}: ip -n {node.Name} route add {block} via {there.AddressOf(block.IsV6)} dev eth0; or `twill lab up`");
                    else if (route.Towards != other.Name) problems.Add($"{node.Name} sends {block}, the pods of {other.Name}, to {route.Gateway}{(route.Towards is null ? ", which nobody has" : $" ({route.Towards})")}; `twill lab up` puts it right");
                }
            }
        }

        return problems;
    }

    private static string Text(IReadOnlyList<string> addresses) => addresses.Count == 0 ? "none" : string.Join(" ", addresses);
}
