using Twill.Fabric.Model;
using Twill.Fabric.Services.Apply;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Linux.Route;

namespace Twill.Lab.Goal;

/// <summary>A lab's services in the words that a cluster's nodes take them in. Pure.</summary>
internal static class LabServices
{
    /// <summary>The namespace that all of them have: in the names that the kernel keeps, "lab/web".</summary>
    internal const string Namespace = LabAddresses.Network;

    /// <summary>What a node's table is made of.</summary>
    internal static ServiceSnapshot Snapshot(LabSpec spec, int node)
    {
        ClusterNode known = spec.NodeOf(node);
        return new ServiceSnapshot(
            new ServiceNode { Name = known.Name, NodePortAddresses = [.. known.Addresses.Select(a => a.Address)], PodBlocks = known.PodBlocks },
            [.. spec.Services.Select(s => Describe(spec, s))]);
    }

    internal static ServiceDescription Describe(LabSpec spec, LabServiceSpec service)
    {
        var ports = new Dictionary<string, ushort> { [""] = service.Target };
        return new ServiceDescription
        {
            Namespace = Namespace,
            Name = service.Name,
            ClusterIps = Families(spec, v6 => LabAddresses.Service(service.Number, v6)),
            LoadBalancerIps = service.LoadBalancer ? LoadBalancers(spec, service) : [],
            Ports = [new ServicePort("", ServiceProtocol.Tcp, service.Port, service.NodePort)],
            Endpoints =
            [
                .. spec.Pods.Where(p => service.Pods.Contains(p.Name)).SelectMany(p => Addresses(spec, p).Select(a => new EndpointDescription { Address = a, Ports = ports, Node = p.Node })),
            ],
        };
    }

    /// <summary>Between the services and what a node's table does.</summary>
    internal static ServiceComparison Compare(LabSpec spec, NamespaceState node)
        => ServiceComparison.Of(Snapshot(spec, node.Index), node.Chains, node.Rules, node.Sets.Select(s => (s.Set, s.Elements)));

    /// <summary>Whether a node does what it shall, with services or without. Null: the node is not there.</summary>
    internal static bool AreIn(LabSpec spec, NamespaceState? node) => node is not null && (Compare(spec, node).IsEmpty || (spec.Services.Count == 0 && !HasTable(node)));

    internal static bool HasTable(NamespaceState node) => node.Chains.Any(c => c.Table.Name == ServiceTable.Table.Name);

    internal static IpAddress[] LoadBalancers(LabSpec spec, LabServiceSpec service) => Families(spec, v6 => LabAddresses.LoadBalancer(service.Number, v6));

    /// <summary>A pod's own, as its number in its node's blocks tells them.</summary>
    internal static IEnumerable<IpAddress> Addresses(LabSpec spec, LabPodSpec pod)
        => spec.NodeOf(LabNames.IndexOf(pod.Node)!.Value).PodBlocks.Select(b => b.First with { Value = b.First.Value + (uint)pod.Number });

    private static IpAddress[] Families(LabSpec spec, Func<bool, IpAddress> of) => spec.V4 ? spec.V6 ? [of(false), of(true)] : [of(false)] : [of(true)];
}
