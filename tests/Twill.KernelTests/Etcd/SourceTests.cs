using Twill.Agent.Registry;
using Twill.Agent.Sources;
using Twill.Etcd;
using Twill.Fabric.Model;
using Xunit;

namespace Twill.KernelTests.Etcd;

/// <summary>The agent's view of etcd: nodes come and go, etcd goes away and comes back, and the reading never forgets.</summary>
public sealed class SourceTests
{
    [Fact]
    public async Task Source_EtcdAwayAndBack_KeepsTheNodes_AndTellsOnlyWhatChanged()
    {
        using var etcd = new EtcdCluster(1);
        using EtcdClient client = etcd.Client();
        var registry = new NodeRegistry(client);
        await registry.EnsureNetworkAsync(Nodes.Network("10.244.0.0/16 24"));
        await registry.JoinAsync(Nodes.Claim("a", "192.168.1.11/24"));
        var source = new EtcdSource(client);
        Assert.Null(source.Reading.Items);
        using var stop = new CancellationTokenSource();
        using var stirred = new SemaphoreSlim(0);
        int stirs = 0;
        Task running = source.RunAsync(() => { Interlocked.Increment(ref stirs); stirred.Release(); }, stop.Token);
        await UntilAsync(() => source.Reading.Items is { Count: 1 });
        Assert.Null(source.Reading.Problem);

        etcd.Kill(0);
        await UntilAsync(() => source.Reading.Problem is not null);
        SourceReading<ClusterNode> away = source.Reading;
        Assert.Equal("10.244.0.0/24", Assert.Single(Assert.Single(away.Items!).PodBlocks).ToString());
        Assert.True(away.Problem!.Contains("etcdctl endpoint health", StringComparison.Ordinal), away.Problem);

        etcd.Start(0);
        await UntilAsync(() => source.Reading.Problem is null);
        Assert.Same(away.Items, source.Reading.Items);
        Assert.Equal(3, stirs);

        await registry.JoinAsync(Nodes.Claim("b", "192.168.1.12/24"));
        await UntilAsync(() => source.Reading.Items!.Count == 2);
        await registry.RemoveAsync("a");
        await UntilAsync(() => source.Reading.Items!.Count == 1);
        Assert.Equal("b", source.Reading.Items![0].Name);
        await stop.CancelAsync();
        await running;

        async Task UntilAsync(Func<bool> wished)
        {
            while (!wished()) Assert.True(await stirred.WaitAsync(TimeSpan.FromSeconds(15)), "nothing more is told");
        }
    }
}
