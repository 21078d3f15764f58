using System.Text;
using Twill.Cni;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Lab.Model;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Plugin;

namespace Twill.Lab.Goal;

/// <summary>The plans that a lab's goal is made of: each node's and each pod's, from the same code that a cluster's nodes use.</summary>
internal sealed class LabPlan
{
    private readonly Dictionary<string, Known> _nodes = new(StringComparer.Ordinal);

    internal LabPlan(LabSpec spec)
    {
        Spec = spec;
        Cluster cluster = spec.Cluster;

        // A router knows the others' blocks, so a node knows itself alone.
        IReadOnlyList<NodePlan> plans = spec.Mode == LabMode.Router ? [.. cluster.Nodes.Select(n => ClusterPlan.For(cluster with { Nodes = [n] }, n))] : ClusterPlan.ForAll(cluster);
        for (int i = 0; i < plans.Count; i++)
        {
            ClusterNode node = cluster.Nodes[i];
            NetworkSettings network = Translation.ToNetwork(NetworkConfig.Read(Encoding.UTF8.GetBytes(LabAddresses.Configuration(node, plans[i].PodMtu)), CniVerb.Add));
            _nodes[node.Name] = new Known(node, plans[i], network);
        }
    }

    internal LabSpec Spec { get; }

    internal ClusterNode Node(string node) => _nodes[node].Node;

    internal NodePlan PlanOf(string node) => _nodes[node].Plan;

    internal NetworkSettings Network(string node) => _nodes[node].Network;

    internal BridgePlan Bridge(string node) => BridgePlan.For(Network(node), Network(node).Pool!.Gateways, PlanOf(node).PodMtu);

    internal IReadOnlyList<NftRule> Masquerade(string node) => MasqueradePlan.RulesFor(Network(node), Network(node).Pool!.Gateways);

    /// <exception cref="LabException">The pod has no place in its node's blocks.</exception>
    internal PodPlan Pod(LabPodSpec pod)
    {
        if (pod.Number < 2) throw new LabException($"pod {pod.Name} says no number of its own in its mark, so another version of twill made this lab: `twill lab down`, then `twill lab up`");
        NetworkSettings network = Network(pod.Node);
        var addresses = new List<PodAddress>();
        foreach (PodAddress gateway in network.Pool!.Gateways)
        {
            IpPrefix subnet = gateway.Address;
            addresses.Add(new PodAddress(new IpPrefix(subnet.First with { Value = subnet.First.Value + (uint)pod.Number }, subnet.Length), gateway.Gateway));
        }

        var description = new PodDescription { Owner = new Owner(pod.Name, LabAddresses.PodInterface), PodName = $"{LabAddresses.Network}/{pod.Name}" };
        return PodPlan.For(network, description, addresses, PlanOf(pod.Node).PodMtu);
    }

    private sealed record Known(ClusterNode Node, NodePlan Plan, NetworkSettings Network);
}
