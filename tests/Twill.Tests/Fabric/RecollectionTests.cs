using Twill.Fabric.Keep;
using Twill.Fabric.Model;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Fabric;

public sealed class RecollectionTests
{
    private static readonly IfIndex s_tunnel = new(7);

    /// <summary>node1 (.1) near with 10.244.1.0/24, node2 (.2) behind the tunnel with 10.244.2.0/24.</summary>
    private static Recollection Memory { get; } = new(
        [Way("10.244.1.0/24", "192.168.1.1", 2), Way("10.244.2.0/24", "10.244.2.0", 7)],
        [new Neighbour { Dev = s_tunnel, Address = IpAddress.Parse("10.244.2.0"), Mac = Twill.Fabric.Backends.Overlay.MacOf(IpAddress.Parse("192.168.1.2")) }],
        s_tunnel);

    [Fact]
    public void Memory_SameBlocks_NothingChanged_AndBothWereThere()
    {
        ClusterNode[] nodes = [Node("node1", 1, "10.244.1.0/24"), Node("node2", 2, "10.244.2.0/24")];
        Assert.Empty(Memory.Changed(nodes, "self"));
        Assert.All(nodes, n => Assert.True(Memory.IsProgrammed(n)));
        Assert.False(Memory.IsProgrammed(Node("node3", 3, "10.244.3.0/24")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Memory_OtherBlock_TellsTheOneInForce(int number)
    {
        ClusterNode changed = Assert.Single(Memory.Changed([Node("node", number, "10.244.9.0/24")], "self"));
        Assert.Equal([IpPrefix.Parse($"10.244.{number}.0/24")], changed.PodBlocks);
        Assert.Empty(Memory.Changed([Node("node", number, "10.244.9.0/24")], "node"));
        Assert.Empty(Memory.Changed([Node("node", 3, "10.244.9.0/24")], "self"));
    }

    [Fact]
    public void Memory_NodesSwappedTheirAddresses_TheirBlocksMovedWithThem()
        => Assert.Empty(Memory.Changed([Node("node1", 2, "10.244.1.0/24"), Node("node2", 1, "10.244.2.0/24")], "self"));

    [Fact]
    public void Memory_InterruptedChange_TheListsOwnBlockCounts()
    {
        var memory = new Recollection([Way("10.244.1.0/24", "192.168.1.1", 2), Way("10.244.9.0/24", "192.168.1.1", 2)], [], tunnel: null);
        Assert.Empty(memory.Changed([Node("node1", 1, "10.244.9.0/24")], "self"));
        Assert.Empty(memory.Changed([Node("node1", 1, "10.244.1.0/24")], "self"));
    }

    private static Route Way(string block, string gateway, int dev) => new() { Destination = IpPrefix.Parse(block), Gateway = IpAddress.Parse(gateway), Dev = new IfIndex(dev) };

    private static ClusterNode Node(string name, int number, string block) => new() { Name = name, Addresses = [IpPrefix.Parse($"192.168.1.{number}/24")], PodBlocks = [IpPrefix.Parse(block)] };
}
