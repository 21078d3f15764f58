using Twill.Agent.Registry;
using Twill.Etcd;
using Twill.Fabric;
using Twill.Fabric.Model;
using Xunit;

namespace Twill.KernelTests.Etcd;

/// <summary>Nodes join, change and leave by a real etcd.</summary>
public sealed class RegistryTests : IClassFixture<OneMember>
{
    private static int s_count;

    private readonly EtcdCluster _etcd;
    private readonly EtcdClient _client;
    private readonly string _root = $"/r{Interlocked.Increment(ref s_count)}/";

    public RegistryTests(OneMember member)
    {
        _etcd = member.Etcd;
        _client = member.Client;
    }

    [Fact]
    public async Task Join_TwiceTheSame_WritesOnce_AndLeavesWithRemove()
    {
        NodeRegistry registry = await SetUpAsync("10.244.0.0/16 24 10.244.0.0/24", "fd00:10::/48 64");
        ClusterNode node = await registry.JoinAsync(Nodes.Claim("a", "192.168.1.11/24", "fd01::11/64"));
        Assert.Equal("10.244.1.0/24 fd00:10::/64", string.Join(" ", node.PodBlocks));
        string keys = _etcd.Ctl(0, "get", _root, "--prefix", "--keys-only").Replace("\n\n", "\n", StringComparison.Ordinal);
        Assert.Equal(string.Concat(((string[])["addresses/192.168.1.11", "addresses/fd01::11", "blocks/10.244.1.0-24", "blocks/fd00:10::-64", "network", "nodes/a"]).Select(k => $"{_root}{k}\n")), keys);

        long before = await RevisionAsync();
        Assert.Equal(node.PodBlocks, (await registry.JoinAsync(Nodes.Claim("a", "192.168.1.11/24", "fd01::11/64"))).PodBlocks);
        Assert.Equal(before, await RevisionAsync());

        // Another address: the block stays, and the old address is free for others.
        ClusterNode moved = await registry.JoinAsync(Nodes.Claim("a", "192.168.1.12/24", "fd01::11/64"));
        Assert.Equal(node.PodBlocks, moved.PodBlocks);
        Assert.Equal("10.244.2.0/24 fd00:10:0:1::/64", string.Join(" ", (await registry.JoinAsync(Nodes.Claim("b", "192.168.1.11/24", "fd01::12/64"))).PodBlocks));

        Assert.Equal("a", (await registry.RemoveAsync("a"))!.Name);
        Assert.Null(await registry.RemoveAsync("a"));
        Assert.DoesNotContain("10.244.1.0", _etcd.Ctl(0, "get", _root, "--prefix"), StringComparison.Ordinal);
        Assert.Equal("10.244.1.0/24 fd00:10::/64", string.Join(" ", (await registry.JoinAsync(Nodes.Claim("c", "192.168.1.12/24", "fd01::11/64"))).PodBlocks));
    }

    [Fact]
    public async Task Join_NameOrAddressOfAnother_IsRefusedWithBothNames()
    {
        NodeRegistry registry = await SetUpAsync("10.244.0.0/16 24");
        await registry.JoinAsync(Nodes.Claim("a", "192.168.1.11/24"));
        FabricException name = await Assert.ThrowsAsync<FabricException>(() => registry.JoinAsync(Nodes.Claim("a", "192.168.1.12/24") with { Id = "other" }));
        Assert.Equal((FabricFault.Foreign, true), (name.Kind, name.Message.Contains("belongs to another machine (machine-a, 192.168.1.11/24)", StringComparison.Ordinal)));
        FabricException address = await Assert.ThrowsAsync<FabricException>(() => registry.JoinAsync(Nodes.Claim("b", "192.168.1.11/24")));
        Assert.Equal((FabricFault.AddressTaken, true), (address.Kind, address.Message.Contains("nodes a and b both have the address 192.168.1.11", StringComparison.Ordinal)));
    }

    /// <summary>The network is set up once, whoever comes first; a change of it makes a claim under way read again.</summary>
    [Fact]
    public async Task Network_SetUpByTwo_IsTheFirsts_AndAChangeOfBlockSizeDoublesNothing()
    {
        NodeRegistry registry = await SetUpAsync("10.244.0.0/16 24");
        NetworkRecord second = await registry.EnsureNetworkAsync(Nodes.Network("10.99.0.0/16 26"));
        Assert.Equal("10.244.0.0/16 in /24", second.ToString());
        await registry.JoinAsync(Nodes.Claim("a", "192.168.1.11/24"));
        _etcd.Ctl(0, "put", $"{_root}network", """{"schema":1,"pools":[{"cidr":"10.244.0.0/16","block":25,"future":true}]}""");
        Assert.Equal("10.244.1.0/25", Assert.Single((await registry.JoinAsync(Nodes.Claim("b", "192.168.1.12/24"))).PodBlocks).ToString());
        Assert.Equal("10.244.0.0/24", Assert.Single((await registry.JoinAsync(Nodes.Claim("a", "192.168.1.11/24"))).PodBlocks).ToString());
    }

    [Fact]
    public async Task Follow_JoinChangeGarbageAndLeave_ToldOnceEach()
    {
        NodeRegistry registry = await SetUpAsync("10.244.0.0/16 24");
        await registry.JoinAsync(Nodes.Claim("a", "192.168.1.11/24"));
        await using NodeFollower follower = registry.Follow();
        var snapshot = Assert.IsType<NodeStep.Snapshot>(await follower.NextAsync(default));
        Assert.Equal("a", Assert.Single(snapshot.Nodes).Name);

        await registry.JoinAsync(Nodes.Claim("b", "192.168.1.12/24"));
        var joined = Assert.IsType<NodeStep.Changes>(await follower.NextAsync(default));
        Assert.Equal(("b", "10.244.1.0/24"), (Assert.Single(joined.Changed).Name, Assert.Single(joined.Changed[0].PodBlocks).ToString()));

        _etcd.Ctl(0, "put", $"{_root}nodes/b", "{\"schema\":2}");
        var garbage = Assert.IsType<NodeStep.Changes>(await follower.NextAsync(default));
        Assert.Equal((0, 0), (garbage.Changed.Count, garbage.Gone.Count));
        Assert.Contains("written by a newer version", Assert.Single(garbage.Problems), StringComparison.Ordinal);

        _etcd.Ctl(0, "del", $"{_root}nodes/b");
        Assert.Equal("b", Assert.Single(Assert.IsType<NodeStep.Changes>(await follower.NextAsync(default)).Gone));
    }

    [Fact]
    public async Task Follow_5000Nodes_ComesInPages_WholeAndInOrder()
    {
        NodeRegistry registry = await SetUpAsync("10.0.0.0/8 24");
        for (int i = 0; i < 5000; i += 100)
        {
            EtcdOperation[] puts = [.. Enumerable.Range(i, 100).Select(n => new EtcdOperation.Put($"{_root}nodes/n{n:0000}", new NodeRecord($"n{n:0000}", "m", [Nodes.Prefix($"192.168.{n / 250}.{(n % 250) + 1}/16")], [Nodes.Prefix($"10.{n / 256}.{n % 256}.0/24")]).ToJson()))];
            await _client.CommitAsync(new Transaction { Success = puts });
        }

        await using NodeFollower follower = registry.Follow();
        var snapshot = Assert.IsType<NodeStep.Snapshot>(await follower.NextAsync(default));
        Assert.Equal(Enumerable.Range(0, 5000).Select(n => $"n{n:0000}"), snapshot.Nodes.Select(n => n.Name));
    }

    private async Task<NodeRegistry> SetUpAsync(params string[] pools)
    {
        var registry = new NodeRegistry(_client, _root);
        await registry.EnsureNetworkAsync(Nodes.Network(pools));
        return registry;
    }

    private async Task<long> RevisionAsync() => (await _client.RangeAsync(new EtcdOperation.Range(KeyRange.Of("/")))).Header.Revision;
}
