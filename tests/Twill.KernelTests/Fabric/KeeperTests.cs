using System.Diagnostics;
using Twill.Fabric.Apply;
using Twill.Fabric.Backends;
using Twill.Fabric.Keep;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.KernelTests.Harness;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Fabric;

/// <summary>What others destroy comes back by the notification of it, long before the next audit, and the keeper says what it was and, where the kernel tells, who did it.</summary>
[Collection(KernelCollection.Name)]
public sealed class KeeperTests : IClassFixture<LeakCheck>
{
    /// <summary>The stated time is for 250 pods (docs/backends); a few show the same path here.</summary>
    private const int MorePods = 18;

    [Fact]
    public void Keeper_RouteDeletedByIp_IsBackAndIpIsNamed()
    {
        using var net = new FabricNet(1, 1);
        FabricNode one = net.Nodes[0];
        using var keeper = new RunningKeeper(one, net.Cluster("auto"));
        keeper.AwaitApplied();
        for (int i = 0; i < 4; i++)
        {
            int since = keeper.Events.Count;
            Command.RunIn(one.Namespace, Command.Find("ip"), ["route", "del", "10.244.2.0/24"]).Succeeded();
            KeeperEvent repair = keeper.AwaitRepair("route 10.244.2.0/24", since);
            Assert.Equal(i + 1, repair.Seen);
            if (repair.By is not null) Assert.Equal("ip", repair.By);
        }

        Assert.Contains(keeper.Events, e => e is { Kind: KeeperEventKind.Repaired, By: "ip" });
        Assert.Equal("eth0", one.Host.GetLink(one.Host.Routes(new RouteFilter(Protocol: ClusterPlan.TwillRouteProtocol)).Single(r => !r.Destination.IsV6).Dev!.Value).Name);
    }

    [Fact]
    public void Keeper_EveryPieceOfTheTunnel_ComesBack()
    {
        using var net = new FabricNet(1, 2);
        FabricNode one = net.Nodes[0], two = net.Nodes[1];
        using var keeper = new RunningKeeper(one, net.Cluster("auto"));
        keeper.AwaitApplied();
        two.Apply(net.Cluster("auto"));
        FabricPod a = one.AddPod(), b = two.AddPod();
        IfIndex tunnel = one.Host.GetLink("twill-vx").Index;
        MacAddress mac = Overlay.MacOf(two.AddressOf(v6: false));

        Mended("neighbour 10.244.2.0 dev twill-vx", () => one.Host.RemoveNeighbour(tunnel, IpAddress.Parse("10.244.2.0")));
        Mended($"forwarding entry {mac} dev twill-vx", () => one.Host.RemoveFdb(new FdbSpec { Dev = tunnel, Mac = mac, Destination = two.AddressOf(v6: false) }));
        Mended("address 10.244.1.0/32 dev twill-vx", () => one.Host.RemoveAddress(tunnel, IpPrefix.Parse("10.244.1.0/32")));
        Mended("address fd00:10:244:1::/128 dev twill-vx", () => one.Host.RemoveAddress(tunnel, IpPrefix.Parse("fd00:10:244:1::/128")));
        Mended("route 10.244.2.0/24", () => one.Host.SetDown("twill-vx"));
        Mended("link twill-vx", () => one.Host.RemoveLink("twill-vx"));
        Mended("sysctl net/ipv4/ip_forward", () => one.Namespace.Run(() => Sysctl.Write("net/ipv4/ip_forward", "0")));
        Mended("sysctl net/ipv4/conf/twill-vx/rp_filter", () => one.Namespace.Run(() => Sysctl.Write("net/ipv4/conf/twill-vx/rp_filter", "1")));
        Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4));
        Assert.Equal(a.V6, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V6));

        void Mended(string subject, Action destroy)
        {
            int since = keeper.Events.Count;
            destroy();
            keeper.AwaitRepair(subject, since);
        }
    }

    [Fact]
    public void Keeper_UnderlayGetsSmaller_TunnelFollowsAndSaysWhy()
    {
        using var net = new FabricNet(1, 2);
        FabricNode one = net.Nodes[0];
        using var keeper = new RunningKeeper(one, net.Cluster("auto"));
        keeper.AwaitApplied();
        Assert.Equal(1450, one.Host.GetLink("twill-vx").Mtu.Value);
        int since = keeper.Events.Count;
        one.Host.SetMtu("eth0", new Mtu(1400));
        Assert.Contains("MTU 1400", keeper.Await(e => e.Kind == KeeperEventKind.Underlay, since).Text, StringComparison.Ordinal);
        keeper.AwaitApplied(since);
        Assert.Equal((1350, 1350), (one.Host.GetLink("twill-vx").Mtu.Value, keeper.Keeper.Plan!.PodMtu));
        Assert.Contains("1400 of eth0 less 50 for VXLAN over IPv4", keeper.Keeper.Plan.PodMtuWhy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("flush ruleset")]
    [InlineData("flush chain inet twill-node guard")]
    [InlineData("delete element inet twill-node nodes4 { 192.168.2.12 }")]
    [InlineData("add element inet twill-node nodes4 { 192.168.1.99 }")]
    [InlineData("insert rule inet twill-node guard accept")]
    public void Keeper_TableChangedByNft_IsBackAndNftIsNamed(string command)
    {
        using var net = new FabricNet(1, 2);
        FabricNode one = net.Nodes[0];
        Cluster cluster = net.Cluster("auto") with { Masquerade = true };
        using var keeper = new RunningKeeper(one, cluster);
        keeper.AwaitApplied();
        int since = keeper.Events.Count;
        Command.RunIn(one.Namespace, Command.Find("nft"), command.Split(' ')).Succeeded();
        KeeperEvent repair = keeper.Await(e => e.Kind == KeeperEventKind.Repaired, since);
        Assert.Equal("nft", repair.By);
        Assert.Empty(one.Apply(cluster));
    }

    [Fact]
    public void Keeper_BridgeDeletedWithPods_IsMadeAnewWithAllOfThem()
    {
        using var net = new FabricNet(1, 1);
        FabricNode one = net.Nodes[0];
        using var keeper = new RunningKeeper(one, net.Cluster("auto"));
        keeper.AwaitApplied();
        FabricPod a = one.AddPod(), b = one.AddPod();
        for (int i = 0; i < MorePods; i++) one.AddPod();
        Link before = one.Host.GetLink("twill0");
        var addresses = one.Host.Addresses(before.Index).Where(x => x.Scope != RouteScope.Link).Select(x => x.Address).Order(Comparer<IpPrefix>.Create((x, y) => x.Address.CompareTo(y.Address))).ToList();

        int since = keeper.Events.Count;
        one.Host.RemoveLink("twill0");
        keeper.AwaitRepair("bridge twill0", since);
        Assert.True(SpinWait.SpinUntil(() => one.Host.TryGetLink(b.HostName, out Link? l) && l.Master == (one.Host.TryGetLink("twill0", out Link? br) ? br.Index : null), 5000));
        Link after = one.Host.GetLink("twill0");
        Assert.Equal((before.Mac, before.Mtu, before.Alias), (after.Mac, after.Mtu, after.Alias));
        Assert.Equal(addresses, one.Host.Addresses(after.Index).Where(x => x.Scope != RouteScope.Link).Select(x => x.Address).Order(Comparer<IpPrefix>.Create((x, y) => x.Address.CompareTo(y.Address))));
        Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4));
        Assert.Equal(a.V6, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V6));

        // A single port taken off comes back as well.
        since = keeper.Events.Count;
        one.Host.SetMaster(a.HostName, null);
        keeper.AwaitRepair("bridge twill0", since);
        Assert.Equal(after.Index, one.Host.GetLink(a.HostName).Master);
    }

    /// <summary>
    /// After a repair it reads notifications, to say who it was; one that came meanwhile must not be forgotten. Each route goes as soon as the one before
    /// is back.
    /// </summary>
    [Fact]
    public void Keeper_NextRouteDeletedWhileOneIsPutBack_IsNoticed()
    {
        const int Peers = 150, Times = 4;
        using var net = new FabricNet(1);
        FabricNode one = net.Nodes[0];
        Cluster cluster = net.Cluster("direct");
        List<ClusterNode> peers = [.. Enumerable.Range(0, Peers).Select(i => new ClusterNode { Name = $"peer{i}", Addresses = [IpPrefix.Parse($"192.168.1.{i + 60}/24")], PodBlocks = [IpPrefix.Parse($"10.245.{i}.0/24")] })];
        using var keeper = new RunningKeeper(one, cluster with { Nodes = [.. cluster.Nodes, .. peers] });
        keeper.AwaitApplied();
        for (int i = 0; i < Peers * Times; i++)
        {
            IpPrefix block = peers[i % Peers].PodBlocks[0];
            Assert.True(one.Host.RemoveRoute(new RouteSpec { Destination = block }));
            long start = Stopwatch.GetTimestamp(); // no pause in between: the next deletion shall be quick
            while (!one.Host.Lookup(new RouteLookup { Destination = block.First }, out Linux.Route.Route? way).Ok || way?.Gateway != peers[i % Peers].Addresses[0].Address)
            {
                Assert.True(Stopwatch.GetElapsedTime(start).TotalSeconds < 30, $"deletion {i}: {block} stays away until something else happens");
            }
        }
    }

    [Fact]
    public void Keeper_InSync_WritesNothingAuditAfterAudit()
    {
        using var net = new FabricNet(1, 2);
        FabricNode one = net.Nodes[0];
        Cluster cluster = net.Cluster("auto") with { Masquerade = true };
        one.AddPod();
        using var keeper = new RunningKeeper(one, cluster, auditMs: 20);
        keeper.AwaitApplied();
        Assert.True(keeper.AwaitPasses(keeper.Keeper.Counters.Passes + 3));
        using NftSocket nft = NftSocket.Open(one.Namespace);
        (KeeperCounters before, uint generation) = (keeper.Keeper.Counters, nft.Generation());
        keeper.Keeper.Set(cluster with { Nodes = [.. cluster.Nodes] }); // the source said the same once more
        Assert.True(keeper.AwaitPasses(before.Passes + 10));
        KeeperCounters after = keeper.Keeper.Counters;
        Assert.True(after.Audits >= before.Audits + 5);
        Assert.Equal((before.Writes, before.Repairs, generation), (after.Writes, after.Repairs, nft.Generation()));
    }

    [Theory]
    [InlineData("direct")]
    [InlineData("vxlan")]
    public void Keeper_NodesComeAndGo_WritesTheirEntriesWithoutAskingTheKernel(string backend)
    {
        using var net = new FabricNet(1, 1, 1);
        FabricNode one = net.Nodes[0];
        Cluster cluster = net.Cluster(backend) with { Masquerade = true }, two = cluster with { Nodes = [.. cluster.Nodes.Take(2)] };
        using var keeper = new RunningKeeper(one, two);
        keeper.AwaitApplied();

        // An address whose uniqueness is settled in the middle is a change of the interface, which the keeper looks at.
        Assert.True(SpinWait.SpinUntil(() => !one.Host.Addresses().Any(a => (a.Flags & AddressFlags.Tentative) != 0), 10_000));
        keeper.Settle();
        KeeperCounters before = keeper.Keeper.Counters;
        List<string> ours = Ours();
        for (int i = 0; i < 3; i++)
        {
            int since = keeper.Events.Count;
            keeper.Keeper.Set(cluster);
            keeper.AwaitApplied(since);
            Assert.Equal(ours.Count + 2, Ours().Count);
            since = keeper.Events.Count;
            keeper.Keeper.Set(two);
            keeper.AwaitApplied(since);
            Assert.Equal(ours, Ours());
        }

        keeper.Settle();
        KeeperCounters after = keeper.Keeper.Counters;
        Assert.Equal((before.Looks, before.Passes + 6), (after.Looks, after.Passes));
        Assert.Empty(keeper.Keeper.Plan!.Difference(NodeApply.Read(one.Namespace, one.Host, keeper.Keeper.Plan)));

        // What somebody else does is seen all the same.
        int last = keeper.Events.Count;
        one.Host.RemoveRoute(new RouteSpec { Destination = IpPrefix.Parse("10.244.2.0/24") });
        keeper.AwaitRepair("route 10.244.2.0/24", last);
        Assert.True(keeper.Keeper.Counters.Looks > after.Looks);

        List<string> Ours() => one.Host.Routes(new RouteFilter(Protocol: ClusterPlan.TwillRouteProtocol)).ConvertAll(r => r.ToString());
    }

    [Fact]
    public void Keeper_NotificationsLost_ConvergesAllTheSame()
    {
        using var net = new FabricNet(1, 1);
        FabricNode one = net.Nodes[0];
        Cluster cluster = net.Cluster("direct");
        cluster = cluster with { Nodes = [.. cluster.Nodes, .. Enumerable.Range(0, 200).Select(i => new ClusterNode { Name = $"n{i}", Addresses = [IpPrefix.Parse($"192.168.1.{20 + (i / 4)}/24") with { Address = new IpAddress(IpAddress.Parse("192.168.1.20").Value + (uint)i, false) }], PodBlocks = [IpPrefix.Parse($"10.100.{i}.0/24")] })] };
        using var keeper = new RunningKeeper(one, cluster, receiveBufferBytes: 2304);
        keeper.AwaitApplied();
        keeper.Settle();
        int since = keeper.Events.Count;
        Command.RunIn(one.Namespace, Command.Find("ip"), ["route", "flush", "proto", "77"]).Succeeded();
        keeper.Await(e => e.Kind == KeeperEventKind.Overrun, since);
        Assert.True(SpinWait.SpinUntil(() => one.Host.Routes(new RouteFilter(Protocol: ClusterPlan.TwillRouteProtocol)).Count == 202, 10_000), string.Join('\n', keeper.Events));
    }

    [Fact]
    public void Keeper_SomebodyFights_RepairsSlowerAndSaysWho()
    {
        using var net = new FabricNet(1, 1);
        FabricNode one = net.Nodes[0];
        using var keeper = new RunningKeeper(one, net.Cluster("direct"));
        keeper.AwaitApplied();
        KeeperEvent? held = null;
        for (int i = 0; i < 30 && held is null; i++)
        {
            int since = keeper.Events.Count;
            Command.RunIn(one.Namespace, Command.Find("ip"), ["route", "del", "10.244.2.0/24"]);
            keeper.AwaitRepair("route 10.244.2.0/24", since);
            held = keeper.Events.FirstOrDefault(e => e.Kind == KeeperEventKind.Held);
        }

        Assert.NotNull(held);
        int last = keeper.Events.Count;
        long start = Stopwatch.GetTimestamp();
        Command.RunIn(one.Namespace, Command.Find("ip"), ["route", "del", "10.244.2.0/24"]).Succeeded();
        keeper.AwaitRepair("route 10.244.2.0/24", last);
        Assert.True(Stopwatch.GetElapsedTime(start).TotalMilliseconds > 100, "the brake did not hold");
        Assert.True(keeper.Keeper.Counters.Held > 0);
        Assert.Contains(keeper.Events, e => e is { Kind: KeeperEventKind.Held, By: "ip" });
    }

    [Fact]
    public void Keeper_ClusterContradictsItself_RefusesByNameAndKeepsWhatRuns()
    {
        using var net = new FabricNet(1, 1, 1);
        FabricNode one = net.Nodes[0];
        Cluster three = net.Cluster("auto");
        using var keeper = new RunningKeeper(one, three with { Nodes = [three.Nodes[0], three.Nodes[1]] });
        keeper.AwaitApplied();

        // node3 claims node2's block: refused; node2's route stays.
        keeper.Keeper.Set(three with { Nodes = [three.Nodes[0], three.Nodes[1], three.Nodes[2] with { PodBlocks = three.Nodes[1].PodBlocks }] });
        KeeperEvent refused = keeper.Await(e => e.Kind == KeeperEventKind.Refused);
        Assert.Equal("node3", refused.Subject);
        Assert.Contains("node2", refused.Text, StringComparison.Ordinal);
        Assert.Equal(net.Nodes[1].AddressOf(v6: false), one.Host.Routes(new RouteFilter(Protocol: ClusterPlan.TwillRouteProtocol)).Single(r => r.Destination == IpPrefix.Parse("10.244.2.0/24")).Gateway);

        // This node is gone from the list: said, nothing changed, and what is in force is still kept.
        int since = keeper.Events.Count;
        keeper.Keeper.Set(three with { Nodes = [three.Nodes[2]] });
        keeper.Await(e => e.Kind == KeeperEventKind.Failed && e.Text.Contains("has no node1", StringComparison.Ordinal), since);
        one.Host.RemoveRoute(new RouteSpec { Destination = IpPrefix.Parse("10.244.2.0/24") });
        keeper.AwaitRepair("route 10.244.2.0/24", since);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Keeper_StartedAgain_WhomTheKernelHasRoutesToStays(int segment)
    {
        using var net = new FabricNet(1, segment);
        FabricNode one = net.Nodes[0];
        Cluster cluster = net.Cluster("auto");
        using (var first = new RunningKeeper(one, cluster)) first.AwaitApplied();
        var before = Ours();

        // "early" would win by its name if the kernel were not asked.
        ClusterNode rival = new() { Name = "early", Addresses = [IpPrefix.Parse("192.168.1.77/24"), IpPrefix.Parse("fd00:192:168:1::77/64")], PodBlocks = cluster.Nodes[1].PodBlocks };
        using var second = new RunningKeeper(one, cluster with { Nodes = [rival, .. cluster.Nodes] });
        Assert.Equal("early", second.Await(e => e.Kind == KeeperEventKind.Refused).Subject);
        second.Settle();
        Assert.Equal(before, Ours());

        List<string> Ours() => one.Host.Routes(new RouteFilter(Protocol: ClusterPlan.TwillRouteProtocol)).ConvertAll(r => r.ToString());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Keeper_StartedAgain_BlockThatChangedMeanwhileIsRefused_AndTheOldOneStays(int segment)
    {
        using var net = new FabricNet(1, segment);
        FabricNode one = net.Nodes[0];
        Cluster cluster = net.Cluster("auto");
        using (var first = new RunningKeeper(one, cluster)) first.AwaitApplied();
        var before = Ours();
        Cluster changed = cluster with { Nodes = [cluster.Nodes[0], cluster.Nodes[1] with { PodBlocks = [IpPrefix.Parse("10.244.77.0/24"), cluster.Nodes[1].PodBlocks[1]] }] };
        using var second = new RunningKeeper(one, changed);
        KeeperEvent refused = second.Await(e => e.Kind == KeeperEventKind.Refused);
        Assert.Equal("node2", refused.Subject);
        Assert.Contains("10.244.77.0/24", refused.Text, StringComparison.Ordinal);
        Assert.Contains("10.244.2.0/24", refused.Text, StringComparison.Ordinal);
        second.Settle();
        Assert.Equal(before, Ours());

        // Taken out, and added again: it is another node.
        int since = second.Events.Count;
        second.Keeper.Set(cluster with { Nodes = [cluster.Nodes[0]] });
        second.AwaitApplied(since);
        since = second.Events.Count;
        second.Keeper.Set(changed);
        second.AwaitApplied(since);
        Assert.Contains(Ours(), r => r.Contains("10.244.77.0/24", StringComparison.Ordinal));

        List<string> Ours() => one.Host.Routes(new RouteFilter(Protocol: ClusterPlan.TwillRouteProtocol)).ConvertAll(r => r.ToString());
    }

    [Fact]
    public void Keeper_RouteOfSomebodyElseInTheWay_IsNamedOnceAndLeftAlone()
    {
        using var net = new FabricNet(1, 1);
        FabricNode one = net.Nodes[0];
        var foreign = new RouteSpec { Destination = IpPrefix.Parse("10.244.2.0/24"), Gateway = IpAddress.Parse("192.168.1.50") };
        one.Host.ReplaceRoute(foreign);
        using var keeper = new RunningKeeper(one, net.Cluster("direct"));
        KeeperEvent failed = keeper.Await(e => e.Kind == KeeperEventKind.Failed);
        Assert.Contains("192.168.1.50", failed.Text, StringComparison.Ordinal);
        Assert.True(SpinWait.SpinUntil(() => keeper.Keeper.Counters.Failures >= 2, 5000));
        Assert.Single(keeper.Events, e => e.Kind == KeeperEventKind.Failed);
        Assert.Equal(IpAddress.Parse("192.168.1.50"), one.Host.Routes(new RouteFilter(Table: RouteTable.Main)).Single(r => r.Destination == foreign.Destination).Gateway);

        // Gone, it makes room.
        one.Host.RemoveRoute(foreign);
        keeper.AwaitRepair("route 10.244.2.0/24");
    }

    [Fact]
    public void Keeper_PeerMovesFar_ChangesTheWayWithoutBeingTold()
    {
        using var net = new FabricNet(1, 1, 2);
        FabricNode one = net.Nodes[0], two = net.Nodes[1];
        FabricPod a = one.AddPod(), b = two.AddPod();
        using var first = new RunningKeeper(one, net.Cluster("auto"));
        using var second = new RunningKeeper(two, net.Cluster("auto"));
        first.AwaitApplied();
        second.AwaitApplied();
        Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4));
        int since = first.Events.Count;
        net.Plug(two, 2);
        first.Keeper.Set(net.Cluster("auto"));
        second.Keeper.Set(net.Cluster("auto"));
        first.AwaitApplied(since);
        Assert.Equal(a.V4, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V4));
        Assert.Equal(a.V6, FabricNet.SeenFrom(a.Namespace, b.Namespace, b.V6));
    }
}
