using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Plan;

/// <summary>Every node's plan from the list of nodes, without asking any kernel.</summary>
/// <remarks>One route for each block of each other node, via that node's address: the nodes share a link (DESIGN 5, `direct`).</remarks>
public static class ClusterPlan
{
    /// <summary>Our mark on routes. Like: echo "77 twill" >> /etc/iproute2/rt_protos.d/twill.conf.</summary>
    public static RouteProtocol TwillRouteProtocol { get; } = new(77);

    /// <exception cref="FabricException">Two blocks overlap, two nodes have one address, or a block's family has no address to go via.</exception>
    public static NodePlan For(Cluster cluster, ClusterNode node)
    {
        Check(cluster);
        return Compute(cluster, node);
    }

    /// <inheritdoc cref="For"/>
    public static IReadOnlyList<NodePlan> ForAll(Cluster cluster)
    {
        Check(cluster);
        return [.. cluster.Nodes.Select(node => Compute(cluster, node))];
    }

    private static NodePlan Compute(Cluster cluster, ClusterNode node)
    {
        bool v4 = node.AddressOf(v6: false) is not null, v6 = node.AddressOf(v6: true) is not null;
        var sysctls = new List<NodeStep.SetSysctl>();
        if (v4) sysctls.Add(new NodeStep.SetSysctl("net/ipv4/ip_forward", "1"));
        if (v6) sysctls.Add(new NodeStep.SetSysctl("net/ipv6/conf/all/forwarding", "1"));
        var routes = new List<NodeRoute>();
        foreach (IpAddress gateway in cluster.Gateways)
        {
            if (gateway.IsV6 ? v6 : v4) routes.Add(new NodeRoute(gateway.IsV6 ? RouteSpec.DefaultV6 : RouteSpec.DefaultV4, gateway));
        }

        foreach (ClusterNode other in cluster.Nodes)
        {
            if (other.Name == node.Name) continue;
            foreach (IpPrefix block in other.PodBlocks)
            {
                if (block.IsV6 ? v6 : v4) routes.Add(new NodeRoute(block.Network, other.AddressOf(block.IsV6)));
            }
        }

        return new NodePlan { Node = node.Name, Device = cluster.Device, Sysctls = sysctls, Addresses = node.Addresses, Routes = routes };
    }

    private static void Check(Cluster cluster)
    {
        var blocks = new List<(IpPrefix Block, string Node)>();
        var addresses = new Dictionary<IpAddress, string>();
        foreach (ClusterNode node in cluster.Nodes)
        {
            foreach (IpPrefix address in node.Addresses)
            {
                if (!addresses.TryAdd(address.Address, node.Name)) throw new FabricException(FabricFault.Configuration, $"nodes {addresses[address.Address]} and {node.Name} both have the address {address.Address}: give one of them another");
            }

            foreach (IpPrefix block in node.PodBlocks)
            {
                if (node.AddressOf(block.IsV6) is null) throw new FabricException(FabricFault.Configuration, $"node {node.Name} has the block {block} but no IPv{(block.IsV6 ? 6 : 4)} address by which others could reach it: give it one, or take the block away");
                blocks.Add((block, node.Name));
            }
        }

        // Sorted by first address, an overlap is one of neighbours.
        blocks.Sort(static (a, b) => a.Block.First.CompareTo(b.Block.First));
        for (int i = 1; i < blocks.Count; i++)
        {
            if (blocks[i - 1].Block.Overlaps(blocks[i].Block)) throw new FabricException(FabricFault.Configuration, $"the block {blocks[i - 1].Block} of {blocks[i - 1].Node} and the block {blocks[i].Block} of {blocks[i].Node} overlap: pods of the two would share addresses");
        }
    }
}
