using Twill.Fabric.Apply;
using Twill.Fabric.Backends;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Icmp;
using Twill.Linux.Netns;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Xunit;

namespace Twill.KernelTests.Fabric;

/// <summary>Each backend between real nodes: pods and nodes see each other under their own addresses.</summary>
[Collection(KernelCollection.Name)]
public sealed class BackendTests : IClassFixture<LeakCheck>
{
    [Theory]
    [InlineData("direct", 1, 1)]
    [InlineData("vxlan", 1, 1)]
    [InlineData("vxlan", 1, 2)]
    [InlineData("auto", 1, 1)]
    [InlineData("auto", 1, 2)]
    [InlineData("router", 1, 2)]
    public void Backend_PodsAndNodes_TalkWithoutNat(string backend, int segment1, int segment2)
    {
        using var net = new FabricNet(segment1, segment2);
        FabricNode one = net.Nodes[0], two = net.Nodes[1];
        FabricPod a = one.AddPod(), b = two.AddPod();
        if (backend == "router") TellRouter(net);
        foreach (FabricNode node in net.Nodes) node.Apply(net.Cluster(backend));
        foreach (bool v6 in new[] { false, true })
        {
            Assert.Equal(a.AddressOf(v6), FabricNet.SeenFrom(a.Namespace, b.Namespace, b.AddressOf(v6)));
            Assert.Equal(b.AddressOf(v6), FabricNet.SeenFrom(b.Namespace, a.Namespace, a.AddressOf(v6)));
            Assert.Equal(a.AddressOf(v6), FabricNet.SeenFrom(a.Namespace, two.Namespace, two.AddressOf(v6)));
            Assert.Contains(FabricNet.SeenFrom(one.Namespace, b.Namespace, b.AddressOf(v6)) ?? default, new[] { one.AddressOf(v6), Overlay.AddressOf(one.ToClusterNode(), v6)!.Value });
        }

        // In sync: no write, neither to routes and links nor to nftables.
        using NftSocket nft = NftSocket.Open(one.Namespace);
        (long changes, uint generation) = (one.Host.Netlink.Changes, nft.Generation());
        Assert.Empty(one.Apply(net.Cluster(backend)));
        Assert.Equal((changes, generation), (one.Host.Netlink.Changes, nft.Generation()));
    }

    [Fact]
    public void Backend_WithoutOne_PodsDoNotTalk()
    {
        using var net = new FabricNet(1, 2);
        FabricPod a = net.Nodes[0].AddPod(), b = net.Nodes[1].AddPod();
        Assert.Null(FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4, timeoutMs: 300));
    }

    [Fact]
    public void Auto_NearAndFar_DirectAndTunnel_AndAMoveChangesTheWay()
    {
        using var net = new FabricNet(1, 1, 2);
        FabricPod[] pods = [.. net.Nodes.Select(n => n.AddPod())];
        foreach (FabricNode node in net.Nodes) node.Apply(net.Cluster("auto"));
        Assert.Equal(("eth0", "twill-vx"), (WayTo(net.Nodes[0], 2), WayTo(net.Nodes[0], 3)));
        Assert.Equal(pods[0].V4, FabricNet.SeenFrom(pods[0].Namespace, pods[1].Namespace, pods[1].V4));
        Assert.Equal(pods[0].V4, FabricNet.SeenFrom(pods[0].Namespace, pods[2].Namespace, pods[2].V4));

        net.Plug(net.Nodes[2], 1);
        foreach (FabricNode node in net.Nodes) node.Apply(net.Cluster("auto"));
        Assert.Equal("eth0", WayTo(net.Nodes[0], 3));
        Assert.False(net.Nodes[0].Host.TryGetLink("twill-vx", out _));
        Assert.Equal(pods[0].V6, FabricNet.SeenFrom(pods[0].Namespace, pods[2].Namespace, pods[2].V6));

        // And away again.
        net.Plug(net.Nodes[2], 2);
        foreach (FabricNode node in net.Nodes) node.Apply(net.Cluster("auto"));
        Assert.Equal("twill-vx", WayTo(net.Nodes[0], 3));
        Assert.Equal(pods[2].V4, FabricNet.SeenFrom(pods[2].Namespace, pods[0].Namespace, pods[0].V4));
    }

    [Fact]
    public void Vxlan_OverIpv6Only_Carries()
    {
        using var net = new FabricNet(1, 2);
        FabricPod a = net.Nodes[0].AddPod(), b = net.Nodes[1].AddPod();
        Cluster cluster = net.Cluster("vxlan");
        cluster = cluster with { Nodes = [.. cluster.Nodes.Select(n => n with { Addresses = [n.Addresses[1]] })] };
        foreach (FabricNode node in net.Nodes) node.Apply(cluster);
        Link tunnel = net.Nodes[0].Host.GetLink("twill-vx");
        Assert.Equal((1430, net.Nodes[0].AddressOf(v6: true)), (tunnel.Mtu.Value, tunnel.Vxlan!.Value.Local));
        Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4));
        Assert.Equal(a.V6, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V6));
    }

    [Fact]
    public void Guard_UnknownSender_GetsNothingIn()
    {
        using var net = new FabricNet(1, 2);
        FabricNode one = net.Nodes[0];
        FabricPod a = one.AddPod();
        foreach (FabricNode node in net.Nodes) node.Apply(net.Cluster("vxlan"));
        (NetworkNamespace stranger, RouteSocket socket) = net.AddStranger(1);
        using RouteSocket owned = socket;

        PutIntoOverlay(socket, one);
        Assert.Null(FabricNet.SeenFrom(stranger, a.Namespace, a.V4, timeoutMs: 500, answered: false));

        // The control: without the guard the same packets arrive.
        using NftSocket nft = NftSocket.Open(one.Namespace);
        Assert.True(nft.RemoveTable(NodeTable.Table));
        Assert.Equal(IpAddress.Parse("10.244.2.66"), FabricNet.SeenFrom(stranger, a.Namespace, a.V4, answered: false));
        one.Apply(net.Cluster("vxlan"));
        Assert.Null(FabricNet.SeenFrom(stranger, a.Namespace, a.V4, timeoutMs: 500, answered: false));
    }

    [Fact]
    public void Guard_RebuiltAgainAndAgain_LetsNothingInMeanwhile()
    {
        using var net = new FabricNet(1, 2);
        FabricNode one = net.Nodes[0];
        FabricPod a = one.AddPod();
        Cluster[] clusters = [net.Cluster("vxlan"), net.Cluster("vxlan") with { Masquerade = true }, net.Cluster("auto") with { MasqueradeExcept = [IpPrefix.Parse("203.0.113.0/24")], Masquerade = true }];
        one.Apply(clusters[0]);
        (NetworkNamespace stranger, RouteSocket socket) = net.AddStranger(1);
        using RouteSocket owned = socket;
        PutIntoOverlay(socket, one);
        using EchoSocket near = EchoSocket.Open(stranger, v6: false), far = EchoSocket.Open(a.Namespace, v6: false);
        Span<byte> payload = stackalloc byte[EchoSocket.MaxPayload];
        int rebuilt = 0;
        for (ushort i = 1; i <= 60; i++)
        {
            near.Send(a.V4, 78, i, "stranger"u8);
            rebuilt += one.Apply(clusters[i % clusters.Length]).Count > 0 ? 1 : 0;
            near.Send(a.V4, 79, i, "stranger"u8);
            Assert.False(far.TryReceive(payload, out _), $"round {i}");
        }

        Assert.True(rebuilt > 50);
    }

    [Fact]
    public void Masquerade_OnceForTheNode_OutsideSeesTheNode_ClusterSeesThePod()
    {
        using var net = new FabricNet(1, 2);
        FabricPod a = net.Nodes[0].AddPod(), b = net.Nodes[1].AddPod();
        Cluster cluster = net.Cluster("auto") with { Masquerade = true, PodCidrs = [IpPrefix.Parse("10.244.0.0/16")] };
        foreach (FabricNode node in net.Nodes) node.Apply(cluster);
        (NetworkNamespace outside, RouteSocket socket) = net.AddStranger(1);
        using RouteSocket owned = socket;
        Assert.Equal(net.Nodes[0].AddressOf(v6: false), FabricNet.SeenFrom(a.Namespace, outside, IpAddress.Parse("192.168.1.99")));
        Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4));
        Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, net.Nodes[1].Namespace, net.Nodes[1].AddressOf(v6: false)));
        Assert.Empty(net.Nodes[0].Apply(cluster));
    }

    [Fact]
    public void Nothing_AfterAuto_LeavesNothingOfOurs()
    {
        using var net = new FabricNet(1, 1, 2);
        FabricNode one = net.Nodes[0];
        one.Host.ReplaceRoute(new RouteSpec { Destination = IpPrefix.Parse("203.0.113.0/24"), Gateway = IpAddress.Parse("192.168.1.1") });
        string[] before = State();
        Assert.True(one.Apply(net.Cluster("auto") with { Masquerade = true }).Count > 10);
        Assert.NotEqual(before, State());
        NodeApply.Apply(one.Namespace, one.Host, NodePlan.Nothing("node1", "eth0"));
        Assert.Equal(before, State());
        Assert.Empty(NodeApply.Apply(one.Namespace, one.Host, NodePlan.Nothing("node1", "eth0")));

        string[] State()
        {
            using NftSocket nft = NftSocket.Open(one.Namespace);
            return [.. one.Host.Links().Select(l => l.Name), .. one.Host.Routes(new RouteFilter(Table: RouteTable.Main)).Select(r => r.ToString()), .. nft.Tables().Select(t => t.ToString())];
        }
    }

    [Fact]
    public void Apply_FiveHundredPeers_InOneGo_ThenNothing()
    {
        using var net = new FabricNet(1);
        Cluster cluster = net.Cluster("vxlan");
        cluster = cluster with { Nodes = [.. cluster.Nodes, .. Enumerable.Range(0, 500).Select(i => new ClusterNode { Name = $"far{i}", Addresses = [IpPrefix.Parse($"192.168.{100 + (i / 200)}.{1 + (i % 200)}/32")], PodBlocks = [IpPrefix.Parse($"10.{100 + (i / 200)}.{i % 200}.0/24")] })] };
        Assert.True(net.Nodes[0].Apply(cluster).Count > 1500);
        Assert.Empty(net.Nodes[0].Apply(cluster));
        Assert.Equal(500, net.Nodes[0].Host.Routes(new RouteFilter(Protocol: ClusterPlan.TwillRouteProtocol)).Count);
    }

    /// <summary>It knows everything: identifier, port, the tunnel's hardware address; and pretends to be a pod of node2.</summary>
    private static void PutIntoOverlay(RouteSocket socket, FabricNode target)
    {
        socket.TryCreateVxlan(new VxlanSpec { Name = "vx", Vni = new Vni(77), Port = 4789, Local = IpAddress.Parse("192.168.1.99"), Dev = socket.GetLink("eth0").Index, Learning = false, Up = true });
        IfIndex vx = socket.GetLink("vx").Index;
        MacAddress mac = Overlay.MacOf(target.AddressOf(v6: false));
        socket.TryAddAddress(vx, IpPrefix.Parse("10.244.2.66/32"));
        socket.ReplaceNeighbour(new NeighbourSpec { Dev = vx, Address = IpAddress.Parse("10.244.1.0"), Mac = mac });
        socket.ReplaceFdb(new FdbSpec { Dev = vx, Mac = mac, Destination = target.AddressOf(v6: false) });
        socket.ReplaceRoute(new RouteSpec { Destination = IpPrefix.Parse("10.244.1.0/24"), Gateway = IpAddress.Parse("10.244.1.0"), Dev = vx, OnLink = true });
    }

    private static string? WayTo(FabricNode node, int peer)
    {
        Assert.True(node.Host.Lookup(new RouteLookup { Destination = IpAddress.Parse($"10.244.{peer}.9") }, out Twill.Linux.Route.Route? route).Ok);
        return node.Host.GetLink(route!.Dev!.Value).Name;
    }

    private static void TellRouter(FabricNet net)
    {
        foreach (FabricNode node in net.Nodes)
        {
            foreach (bool v6 in new[] { false, true }) net.Router.ReplaceRoute(new RouteSpec { Destination = node.ToClusterNode().BlockOf(v6)!.Value, Gateway = node.AddressOf(v6) });
        }
    }
}
