using Twill.Fabric.Apply;
using Twill.Fabric.Ipam;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netns;
using Twill.Linux.Route;

namespace Twill.KernelTests.Fabric;

/// <summary>A node in a namespace of its own, with an interface on a segment of the net, and pods made by the plugin's own code.</summary>
internal sealed class FabricNode : IDisposable
{
    private readonly List<NetworkNamespace> _pods = [];

    internal FabricNode(int number)
    {
        Number = number;
        Namespace = NetworkNamespace.Create();
        Host = RouteSocket.Open(Namespace);
        Pods = new NetworkSettings
        {
            Name = "cluster",
            Bridge = new BridgeSettings { IsGateway = true },
            IsDefaultGateway = true,
            Pool = AddressPool.Create([Range(IpPrefix.Parse($"10.244.{number}.0/24")), Range(IpPrefix.Parse($"fd00:10:244:{number}::/64"))]),
        };
    }

    internal int Number { get; }

    internal string Name => $"node{Number}";

    internal NetworkNamespace Namespace { get; }

    internal RouteSocket Host { get; }

    internal NetworkSettings Pods { get; set; }

    internal int Segment { get; set; }

    internal IpAddress AddressOf(bool v6) => IpAddress.Parse(v6 ? $"fd00:192:168:{Segment}::{10 + Number}" : $"192.168.{Segment}.{10 + Number}");

    internal ClusterNode ToClusterNode() => new()
    {
        Name = Name,
        Addresses = [IpPrefix.Parse($"{AddressOf(v6: false)}/24"), IpPrefix.Parse($"{AddressOf(v6: true)}/64")],
        PodBlocks = [IpPrefix.Parse($"10.244.{Number}.0/24"), IpPrefix.Parse($"fd00:10:244:{Number}::/64")],
    };

    /// <summary>Attaches one more pod.</summary>
    internal FabricPod AddPod()
    {
        NetworkNamespace network = NetworkNamespace.Create();
        _pods.Add(network);
        network.Run(FabricNet.TrustAddresses);
        PodAttachment attachment = Namespace.Run(() => new PodAttacher(Host).Attach(Pods, new PodRequest { Owner = new Owner($"c{Number}-{_pods.Count}", "eth0"), Namespace = network }));
        return new FabricPod(network, attachment.HostName, attachment.Addresses[0].Address.Address, attachment.Addresses[1].Address.Address);
    }

    internal IReadOnlyList<NodeStep> Apply(Cluster cluster)
    {
        ClusterNode self = cluster.Nodes.First(n => n.Name == Name);
        return NodeApply.Apply(Namespace, Host, ClusterPlan.For(cluster, self, UnderlayChoice.Choose(Host, self)));
    }

    public void Dispose()
    {
        Host.Dispose();
        foreach (NetworkNamespace pod in _pods) pod.Dispose();
        Namespace.Dispose();
    }

    private static RangeSet Range(IpPrefix subnet) => RangeSet.Create([AddressRange.Create(subnet)]);
}

/// <summary>A pod: its namespace, the name of its host end, an address of each family.</summary>
internal sealed record FabricPod(NetworkNamespace Namespace, string HostName, IpAddress V4, IpAddress V6)
{
    internal IpAddress AddressOf(bool v6) => v6 ? V6 : V4;
}
