using Twill.Agent.Registry;
using Twill.Fabric;
using Twill.Fabric.Ipam;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Etcd;

/// <summary>Decisions about claims, and many claims against a registry that is a dictionary.</summary>
public sealed class ClaimPlanTests
{
    private static readonly NetworkRecord s_network = NetworkRecord.Create([BlockPool.Create(IpPrefix.Parse("10.244.0.0/16"), 24, [IpPrefix.Parse("10.244.0.0/24")]), BlockPool.Create(IpPrefix.Parse("10.9.0.0/24"), 24)]);

    [Fact]
    public void Decide_FreshNode_GetsTheLowestBlock_OrAnotherAfterALostRace()
    {
        var write = Assert.IsType<ClaimDecision.Write>(ClaimPlan.Decide(View(), Claim(), 0));
        Assert.Equal(("10.244.1.0/24", "192.168.1.11"), (Assert.Single(write.NewBlocks).ToString(), Assert.Single(write.NewAddresses).ToString()));
        Assert.NotEqual(write.NewBlocks, Assert.IsType<ClaimDecision.Write>(ClaimPlan.Decide(View(), Claim(), 1)).NewBlocks);
    }

    [Fact]
    public void Decide_WishedBlocks_PreferredIfFree_RequiredOrRefused()
    {
        IpPrefix wish = IpPrefix.Parse("10.244.7.0/24");
        RegistryView taken = View() with { Blocks = new Dictionary<IpPrefix, string> { [IpPrefix.Parse("10.244.6.0/23")] = "old" } };
        Assert.Equal(wish, ClaimPlan.Decide(View(), Claim() with { Preferred = [wish] }, 0).Record.Blocks[0]);
        Assert.Equal("10.244.1.0/24", ClaimPlan.Decide(taken, Claim() with { Preferred = [wish] }, 0).Record.Blocks[0].ToString());
        Assert.Equal(wish, ClaimPlan.Decide(View(), Claim() with { Required = [wish] }, 0).Record.Blocks[0]);
        Refused(FabricFault.AddressTaken, "node old has 10.244.6.0/23", taken, Claim() with { Required = [wish] });
        Refused(FabricFault.Configuration, "is reserved", View(), Claim() with { Required = [IpPrefix.Parse("10.244.0.0/24")] });
        Refused(FabricFault.Configuration, "it is no /24 of 10.244.0.0/16; it is no /24 of 10.9.0.0/24", View(), Claim() with { Required = [IpPrefix.Parse("10.244.7.0/25")] });
        Refused(FabricFault.Configuration, "the cluster's ranges are", View(), Claim() with { Required = [IpPrefix.Parse("fd00::/64")] });
    }

    [Fact]
    public void Decide_FirstPoolFull_TakesTheSecond_ThenSaysWhoHasThem()
    {
        Dictionary<IpPrefix, string> full = Enumerable.Range(1, 255).ToDictionary(i => IpPrefix.Parse($"10.244.{i}.0/24"), i => $"n{i}");
        Assert.Equal("10.9.0.0/24", ClaimPlan.Decide(View() with { Blocks = full }, Claim(), 0).Record.Blocks[0].ToString());
        full[IpPrefix.Parse("10.9.0.0/24")] = "last";
        Refused(FabricFault.Exhausted, "are taken by 256 nodes or reserved: `twill node remove`", View() with { Blocks = full }, Claim());
    }

    [Fact]
    public void Decide_WhatCannotBe_IsRefusedWithNames()
    {
        Refused(FabricFault.Configuration, "this etcd knows no network yet", View() with { Network = null }, Claim());
        Refused(FabricFault.Configuration, "cluster range 10.244.0.0/16 overlaps the link 10.244.9.0/24 of node a (10.244.9.1)", View(), Claim() with { Addresses = [IpPrefix.Parse("10.244.9.1/24")] });
        Refused(FabricFault.Configuration, "is no name for a node", View(), Claim() with { Name = "a/b" });
        Refused(FabricFault.Configuration, "no machine id", View(), Claim() with { Id = "" });
        Refused(FabricFault.Configuration, "one address of each family", View(), Claim() with { Addresses = [IpPrefix.Parse("192.168.1.1/24"), IpPrefix.Parse("192.168.1.2/24")] });
        Refused(FabricFault.Configuration, "no address of the family", View(), Claim() with { Addresses = [IpPrefix.Parse("fd01::1/64")] });
        var mine = new NodeRecord("a", "m", Claim().Addresses, [IpPrefix.Parse("10.244.3.0/24")]);
        Refused(FabricFault.Configuration, "node a has the block 10.244.3.0/24, and block 10.244.4.0/24 is asked for", View() with { Node = mine }, Claim() with { Required = [IpPrefix.Parse("10.244.4.0/24")] });

        // Where the overlap is reserved the range may hold the link.
        NetworkRecord around = NetworkRecord.Create([BlockPool.Create(IpPrefix.Parse("192.168.0.0/16"), 24, [IpPrefix.Parse("192.168.0.0/22")])]);
        Assert.Equal("192.168.4.0/24", ClaimPlan.Decide(View() with { Network = around }, Claim(), 0).Record.Blocks[0].ToString());
    }

    /// <summary>Random joins, moves and removals, decisions taken upon views that are up to three changes old: as etcd orders them, no two nodes overlap.</summary>
    [Fact]
    public void Decide_UponOldViews_WithTheConditionsChecked_NeverDoublesAnything()
    {
        var random = new Random(20261121);
        for (int round = 0; round < 200; round++)
        {
            var store = new ModelStore(random.Next(2) == 0 ? s_network : NetworkRecord.Create([BlockPool.Create(IpPrefix.Parse("10.244.0.0/21"), 24 + random.Next(3))]));
            for (int step = 0; step < 60; step++)
            {
                string name = $"n{random.Next(12)}";
                if (random.Next(5) == 0) store.Remove(name);
                else if (random.Next(12) == 0) store.Change(NetworkRecord.Create([BlockPool.Create(IpPrefix.Parse("10.244.0.0/21"), 24 + random.Next(3))]));
                else store.Join(new NodeClaim { Name = name, Id = name, Addresses = [IpPrefix.Parse($"192.168.1.{random.Next(1, 20)}/24")] }, age: random.Next(3), attempt: random.Next(3));
                store.AssertNoTwoOverlap();
            }
        }
    }

    private static NodeClaim Claim() => new() { Name = "a", Id = "m", Addresses = [IpPrefix.Parse("192.168.1.11/24")] };

    private static RegistryView View() => new(s_network, 1, null, 0, new Dictionary<IpPrefix, string>(), new Dictionary<IpAddress, string>());

    private static void Refused(FabricFault kind, string words, RegistryView view, NodeClaim claim)
    {
        FabricException e = Assert.Throws<FabricException>(() => { _ = ClaimPlan.Decide(view, claim, 0); });
        Assert.Equal(kind, e.Kind);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }
}
