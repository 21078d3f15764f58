using Twill.Agent.LoadBalancers;
using Twill.Fabric.Model;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.LoadBalancers;

public sealed class WishTests
{
    private static readonly IpPrefix[] s_pools = [IpPrefix.Parse("192.0.2.0/28")];

    private static readonly Underlay s_underlay = new() { Device = "eth0", Addresses = [IpPrefix.Parse("192.0.2.129/24")] };

    private static ServiceDescription Service(string name, string endpointsNode, TrafficPolicy policy, params string[] addresses) => new()
    {
        Namespace = "default",
        Name = name,
        ClusterIps = [IpAddress.Parse("10.96.0.1")],
        LoadBalancerIps = [.. addresses.Select(IpAddress.Parse)],
        ExternalPolicy = policy,
        Ports = [new ServicePort("", ServiceProtocol.Tcp, 80)],
        Endpoints = [new EndpointDescription { Address = IpAddress.Parse("10.244.1.2"), Ports = new Dictionary<string, ushort> { [""] = 80 }, Node = endpointsNode }],
    };

    private static string[] Wishes(params ServiceDescription[] services) => Wishes(null, services);

    private static string[] Wishes(Underlay? underlay, params ServiceDescription[] services) => [.. AgentLoadBalancers.Wishes(new ServiceSnapshot(new ServiceNode { Name = "n1" }, services), s_pools, underlay ?? s_underlay).Select(w => $"{w.Address} {w.MayHold}")];

    [Fact]
    public void Address_InAPool_IsWished_OthersAreNot()
        => Assert.Equal(["192.0.2.1 True"], Wishes(Service("a", "n2", TrafficPolicy.Cluster, "192.0.2.1", "198.51.100.1"), Service("b", "n1", TrafficPolicy.Cluster)));

    [Fact]
    public void TrafficThatStaysOnTheNode_NeedsAnEndpointThere()
        => Assert.Equal(["192.0.2.1 False", "192.0.2.2 True"], Wishes(Service("a", "n2", TrafficPolicy.Local, "192.0.2.1"), Service("b", "n1", TrafficPolicy.Local, "192.0.2.2")));

    [Fact]
    public void AddressOfTwoServices_IsAnnouncedWhereOneCan()
        => Assert.Equal(["192.0.2.1 True"], Wishes(Service("a", "n1", TrafficPolicy.Local, "192.0.2.1"), Service("b", "n2", TrafficPolicy.Local, "192.0.2.1")));

    [Fact]
    public void AddressOfAnotherLink_IsLeftToNodesThere()
        => Assert.Equal(["192.0.2.1 False"], Wishes(s_underlay with { Addresses = [IpPrefix.Parse("198.51.100.7/24")] }, Service("a", "n1", TrafficPolicy.Cluster, "192.0.2.1")));
}
