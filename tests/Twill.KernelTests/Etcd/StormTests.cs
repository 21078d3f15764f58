using Twill.Agent.Registry;
using Twill.Etcd;
using Twill.Fabric.Model;
using Twill.Linux.Route;
using Xunit;

namespace Twill.KernelTests.Etcd;

/// <summary>A hundred nodes start at once, each with a client of its own, while the leader of three members is killed.</summary>
public sealed class StormTests
{
    private const int Count = 100;

    [Fact]
    public async Task Join_100AtOnceWithTheLeaderKilled_100DifferentBlocks()
    {
        using var etcd = new EtcdCluster(3);
        using EtcdClient watcher = etcd.Client();
        await new NodeRegistry(watcher).EnsureNetworkAsync(Nodes.Network("10.244.0.0/16 24 10.244.0.0/24", "fd00:10::/48 64"));
        int leader = etcd.Leader(watcher);
        await using NodeFollower follower = new NodeRegistry(watcher).Follow();
        Assert.IsType<NodeStep.Snapshot>(await follower.NextAsync(default));

        EtcdClient[] clients = [.. Enumerable.Range(0, Count).Select(i => new EtcdClient(etcd.Options with { Endpoints = [.. Enumerable.Range(0, 3).Select(e => etcd.Endpoints[(i + e) % 3])] }))];
        try
        {
            Task<ClusterNode>[] joins = [.. clients.Select((c, i) => new NodeRegistry(c).JoinAsync(Nodes.Claim($"n{i:00}", $"192.168.1.{i + 1}/24", $"fd01::{i + 1}/64")))];

            // In the middle: some have their blocks already.
            var told = new Dictionary<string, ClusterNode>();
            bool killed = false;
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (told.Count < Count)
            {
                if (await follower.NextAsync(patience.Token) is not NodeStep.Changes changes) continue;
                foreach (ClusterNode node in changes.Changed) told.Add(node.Name, node);
                if (killed || told.Count < 10) continue;
                killed = true;
                etcd.Kill(leader);
            }

            ClusterNode[] nodes = await Task.WhenAll(joins);
            Assert.True(killed);
            Assert.True(nodes.Count(n => told.ContainsKey(n.Name)) == Count);
            foreach (bool v6 in (bool[])[false, true])
            {
                IpPrefix[] blocks = [.. nodes.SelectMany(n => n.PodBlocks).Where(b => b.IsV6 == v6)];
                Assert.Equal((Count, Count), (blocks.Length, blocks.Distinct().Count()));
                Assert.DoesNotContain(blocks, b => b == IpPrefix.Parse("10.244.0.0/24"));
            }

            // What each was told, what the watch told, and what etcd has, are one.
            Assert.All(nodes, n => Assert.Equal(n.PodBlocks, told[n.Name].PodBlocks));
            Assert.Equal(2 * Count, (await watcher.RangeAsync(new EtcdOperation.Range(KeyRange.Prefix("/twill/v1/blocks/")) { CountOnly = true })).Count);
        }
        finally
        {
            foreach (EtcdClient client in clients) client.Dispose();
        }
    }
}
