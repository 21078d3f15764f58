using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Fabric;

/// <summary>Who is admitted beside whom, and that whoever was there first stays.</summary>
public sealed class AdmissionTests
{
    [Fact]
    public void Admission_NewcomerOverlaps_IncumbentStaysAndBothAreNamed()
    {
        Cluster before = Of(Node("zeta", 1, "10.244.1.0/24"), Node("mid", 2, "10.244.2.0/24"));
        (Cluster after, var refusals) = Admission.Of(before with { Nodes = [Node("alpha", 3, "10.244.1.128/25"), .. before.Nodes] }, "mid", before: before);
        Assert.Equal(["zeta", "mid"], after.Nodes.Select(n => n.Name));
        Refusal refusal = Assert.Single(refusals);
        Assert.Equal(("alpha", "zeta"), (refusal.Node, refusal.Other));
        Assert.Contains("10.244.1.0/24 of zeta", refusal.Text, StringComparison.Ordinal);
        Assert.Contains("10.244.1.128/25 of alpha", refusal.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Admission_AfterARestart_WhoIsInTheKernelStays()
    {
        Cluster cluster = Of(Node("alpha", 1, "10.244.1.0/24"), Node("zeta", 2, "10.244.1.0/24"));
        Assert.Equal("alpha", Assert.Single(Admission.Of(cluster, "other").Cluster.Nodes).Name);
        Assert.Equal("zeta", Assert.Single(Admission.Of(cluster, "other", isProgrammed: n => n.Name == "zeta").Cluster.Nodes).Name);
    }

    [Fact]
    public void Admission_BlockChanged_OldOneStaysInForce()
    {
        Cluster before = Of(Node("a", 1, "10.244.1.0/24"), Node("b", 2, "10.244.2.0/24"));
        Cluster now = Of(before.Nodes[0], Node("b", 2, "10.244.7.0/24"));
        (Cluster after, var refusals) = Admission.Of(now, "a", before: before);
        Assert.Equal(IpPrefix.Parse("10.244.2.0/24"), after.Nodes[1].PodBlocks[0]);
        Assert.Contains("10.244.7.0/24", Assert.Single(refusals).Text, StringComparison.Ordinal);

        // Taken out and added again it is another node.
        (Cluster without, _) = Admission.Of(Of(before.Nodes[0]), "a", before: after);
        (Cluster again, refusals) = Admission.Of(now, "a", before: without);
        Assert.Empty(refusals);
        Assert.Equal(IpPrefix.Parse("10.244.7.0/24"), again.Nodes[1].PodBlocks[0]);
    }

    [Fact]
    public void Admission_AddressTaken_OldAddressStaysInForce()
    {
        Cluster before = Of(Node("a", 1, "10.244.1.0/24"), Node("b", 2, "10.244.2.0/24"), Node("c", 3, "10.244.3.0/24"));
        (Cluster after, var refusals) = Admission.Of(Of(before.Nodes[0], before.Nodes[1], Node("c", 2, "10.244.3.0/24")), "a", before: before);
        Assert.Equal(IpAddress.Parse("192.168.1.3"), after.Nodes[2].AddressOf(v6: false));
        Refusal refusal = Assert.Single(refusals);
        Assert.Equal(("c", "b"), (refusal.Node, refusal.Other));
    }

    [Fact]
    public void Admission_NodeMoves_IsAdmitted()
    {
        Cluster before = Of(Node("a", 1, "10.244.1.0/24"), Node("b", 2, "10.244.2.0/24"));
        (Cluster after, var refusals) = Admission.Of(Of(before.Nodes[0], Node("b", 9, "10.244.2.0/24")), "a", before: before);
        Assert.Empty(refusals);
        Assert.Equal(IpAddress.Parse("192.168.1.9"), after.Nodes[1].AddressOf(v6: false));
    }

    [Fact]
    public void Admission_WithoutAddress_IsNamedAndOthersStay()
    {
        (Cluster after, var refusals) = Admission.Of(Of(Node("a", 1, "10.244.1.0/24"), new ClusterNode { Name = "b", Addresses = [], PodBlocks = [IpPrefix.Parse("10.244.2.0/24")] }), "a");
        Assert.Equal("a", Assert.Single(after.Nodes).Name);
        Assert.Contains("node b has the block 10.244.2.0/24 but no IPv4 address", Assert.Single(refusals).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Admission_BlockOverThisNodesLan_IsRefusedHere()
    {
        var underlay = new Underlay { Device = "eth0", Addresses = [IpPrefix.Parse("192.168.1.1/16")] };
        (Cluster after, var refusals) = Admission.Of(Of(Node("a", 1, "10.244.1.0/24"), Node("b", 2, "192.168.77.0/24")), "a", underlay);
        Assert.Equal("a", Assert.Single(after.Nodes).Name);
        Assert.Contains("overlaps 192.168.0.0/16, the network of eth0 on a", Assert.Single(refusals).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Admission_ManyNodesOfSeveralBlockLengths_FindsEveryOverlapTheSlowWayFinds()
    {
        var random = new Random(77);
        for (int round = 0; round < 200; round++)
        {
            ClusterNode[] nodes = [.. Enumerable.Range(0, 12).Select(i => Node($"n{i:00}", 1 + i, new IpPrefix(new IpAddress(IpAddress.Parse("10.244.0.0").Value + (uint)random.Next(4096), false), 20 + random.Next(10)).Network.ToString()))];
            var slow = new List<ClusterNode>();
            foreach (ClusterNode node in nodes)
            {
                if (!slow.Exists(s => s.PodBlocks[0].Overlaps(node.PodBlocks[0]))) slow.Add(node);
            }

            Assert.Equal(slow.Select(n => n.Name), Admission.Of(Of(nodes), "n00").Cluster.Nodes.Select(n => n.Name));
        }
    }

    private static Cluster Of(params ClusterNode[] nodes) => new() { Nodes = nodes };

    private static ClusterNode Node(string name, int number, string block) => new() { Name = name, Addresses = [IpPrefix.Parse($"192.168.1.{number}/24")], PodBlocks = [IpPrefix.Parse(block)] };
}
