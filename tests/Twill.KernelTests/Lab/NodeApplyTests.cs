using Twill.Fabric;
using Twill.Fabric.Apply;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.KernelTests.Route;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Lab;

/// <summary>Node plans on a real kernel; writes are counted.</summary>
[Collection(KernelCollection.Name)]
public sealed class NodeApplyTests : IClassFixture<LeakCheck>, IDisposable
{
    private readonly Sandbox _box = new();

    public NodeApplyTests()
    {
        _box.Host.CreateVeth(new VethSpec { Name = "eth0", PeerName = "lan", PeerNamespace = _box.PodNamespace, Up = true });
        _box.Pod.SetUp("lan");

        // A new namespace may have inherited the host's.
        _box.HostNamespace.Run(() => Sysctl.Write("net/ipv4/ip_forward", "0"));
    }

    public void Dispose() => _box.Dispose();

    [Fact]
    public void Apply_Twice_WritesOnce()
    {
        NodePlan plan = ClusterPlan.For(Three(), Three().Nodes[0]);
        IReadOnlyList<NodeStep> first = Apply(plan);
        Assert.Equal(plan.ToLines(), first.Select(s => s.ToString()));
        Assert.Equal(10, first.Count); // 2 sysctls, 2 addresses, 2 default routes, 4 routes
        Assert.Empty(Apply(plan));
    }

    [Fact]
    public void Apply_NodeLeavesAndNodeMoves_WritesOnlyThat()
    {
        Cluster three = Three();
        Apply(ClusterPlan.For(three, three.Nodes[0]));
        Cluster two = three with { Nodes = [three.Nodes[0], three.Nodes[2]] };
        Assert.Equal(["ip route del 10.244.2.0/24 via 192.168.1.12 proto 77", "ip route del fd00:10:244:2::/64 via fd00:192:168:1::12 proto 77"], Apply(ClusterPlan.For(two, two.Nodes[0])).Select(s => s.ToString()));
        Cluster moved = two with { Nodes = [two.Nodes[0], two.Nodes[1] with { Addresses = [IpPrefix.Parse("192.168.1.99/24"), IpPrefix.Parse("fd00:192:168:1::99/64")] }] };
        Assert.Equal(["ip route replace 10.244.3.0/24 via 192.168.1.99 dev eth0 proto 77", "ip route replace fd00:10:244:3::/64 via fd00:192:168:1::99 dev eth0 proto 77"], Apply(ClusterPlan.For(moved, moved.Nodes[0])).Select(s => s.ToString()));
        Assert.Empty(Apply(ClusterPlan.For(moved, moved.Nodes[0])));
        Assert.Equal(4, _box.Host.Routes(new RouteFilter(Protocol: ClusterPlan.TwillRouteProtocol)).Count);
    }

    [Fact]
    public void Apply_RouteRemovedByHand_PutsItBack()
    {
        NodePlan plan = ClusterPlan.For(Three(), Three().Nodes[0]);
        Apply(plan);
        Assert.True(_box.Host.RemoveRoute(new RouteSpec { Destination = IpPrefix.Parse("10.244.2.0/24") }));
        Assert.Equal("ip route add 10.244.2.0/24 via 192.168.1.12 dev eth0 proto 77", Assert.Single(Apply(plan)).ToString());
    }

    [Fact]
    public void Apply_RoutesOfOthers_StayAndAreNamedWhereTheyAreInTheWay()
    {
        NodePlan plan = ClusterPlan.For(Three(), Three().Nodes[0]);
        IfIndex dev = _box.Host.GetLink("eth0").Index;
        _box.Host.TryAddAddress(dev, IpPrefix.Parse("192.168.1.11/24"));
        var other = new RouteSpec { Destination = IpPrefix.Parse("172.16.0.0/12"), Gateway = IpAddress.Parse("192.168.1.50"), Dev = dev };
        _box.Host.TryAddRoute(other);
        Apply(plan);
        Assert.Single(_box.Host.Routes(), r => r.Destination == other.Destination);

        _box.Host.RemoveRoute(new RouteSpec { Destination = IpPrefix.Parse("10.244.2.0/24") });
        _box.Host.TryAddRoute(other with { Destination = IpPrefix.Parse("10.244.2.0/24") });
        FabricException e = Assert.Throws<FabricException>(() => Apply(plan));
        Assert.Equal(FabricFault.Foreign, e.Kind);
        Assert.Contains("10.244.2.0/24", e.Message, StringComparison.Ordinal);
        Assert.Contains("192.168.1.50", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_WithoutTheDevice_SaysWhich()
        => Assert.Contains("no interface eth7", Assert.Throws<FabricException>(() => Apply(ClusterPlan.For(Three() with { Device = "eth7" }, Three().Nodes[0]))).Message, StringComparison.Ordinal);

    private IReadOnlyList<NodeStep> Apply(NodePlan plan) => NodeApply.Apply(_box.HostNamespace, _box.Host, plan);

    private static Cluster Three() => new()
    {
        Gateways = [IpAddress.Parse("192.168.1.1"), IpAddress.Parse("fd00:192:168:1::1")],
        Nodes = [.. Enumerable.Range(1, 3).Select(i => new ClusterNode
        {
            Name = $"node{i}",
            Addresses = [IpPrefix.Parse($"192.168.1.{10 + i}/24"), IpPrefix.Parse($"fd00:192:168:1::{10 + i}/64")],
            PodBlocks = [IpPrefix.Parse($"10.244.{i}.0/24"), IpPrefix.Parse($"fd00:10:244:{i}::/64")],
        })],
    };
}
