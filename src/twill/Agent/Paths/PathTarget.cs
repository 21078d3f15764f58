using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Route;

namespace Twill.Agent.Paths;

/// <summary>Another node, and the address that answers at the end of the way which pods' packets take to it: its own, or its end of the tunnel.</summary>
internal sealed record PathTarget(string Node, IpAddress Address)
{
    /// <summary>All nodes that the plan has a route to, by name; one address for each, IPv4 where it has both.</summary>
    internal static IReadOnlyList<PathTarget> Of(NodePlan? plan, IReadOnlyList<ClusterNode> nodes)
    {
        if (plan is null) return [];
        var gateways = new Dictionary<IpPrefix, IpAddress>();
        foreach (NodeRoute route in plan.Routes)
        {
            if (route.Gateway is { } gateway) gateways.TryAdd(route.Destination, gateway);
        }

        var targets = new List<PathTarget>();
        foreach (ClusterNode node in nodes.OrderBy(n => n.Name, StringComparer.Ordinal))
        {
            if (node.Name == plan.Node) continue;
            foreach (IpPrefix block in node.PodBlocks.OrderBy(b => b.IsV6))
            {
                if (!gateways.TryGetValue(block.Network, out IpAddress gateway)) continue;
                targets.Add(new PathTarget(node.Name, gateway));
                break;
            }
        }

        return targets;
    }
}
