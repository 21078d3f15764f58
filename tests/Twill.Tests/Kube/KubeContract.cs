using Twill.Kube;
using Twill.Tests.Kube.Server;
using Xunit;

namespace Twill.Tests.Kube;

/// <summary>What we count on in an API server. The same tests against ours in this process and against a real one: same results.</summary>
public abstract class KubeContract
{
    private const int Nodes = 12;

    /// <summary>A server with no nodes and no leases that we care about, or a skip that says what is missing.</summary>
    internal abstract Task<IContractServer> StartAsync();

    [Fact]
    public async Task List_InPages_IsTheListInOne()
    {
        await using var server = await FilledAsync();
        using var paged = new KubeClient(server.Config, new KubeClientOptions { PageSize = 5 });
        using var whole = new KubeClient(server.Config);
        var pages = await paged.ListAsync(KubeNode.Resource);
        Assert.Equal(Enumerable.Range(0, Nodes).Select(InformerTests.Name), pages.Items.Select(i => i.Key));
        Assert.Equal(pages.Items, (await whole.ListAsync(KubeNode.Resource)).Items);
        var node = pages.Items[3].Value;
        Assert.Equal(["10.0.3.0/24", "fd00:3::/64"], node.PodCidrs);
        Assert.Equal(["192.168.0.3", "fd01::3"], node.InternalIps);
        Assert.Equal(["203.0.113.3"], node.ExternalIps);
        Assert.Equal(("node-0003", "a", "r1", false), (node.Hostname, node.Zone, node.Region, node.IsDeleting));
        Assert.NotEmpty(node.Uid);
    }

    [Fact]
    public async Task Watch_FromAList_BringsEachChangeOnce()
    {
        await using var server = await FilledAsync();
        using var client = new KubeClient(server.Config);
        var list = await client.ListAsync(KubeNode.Resource);
        await server.PutAsync(3, "moved");
        await server.DeleteAsync(4);
        await server.PutAsync(50, "a");
        var seen = new List<KubeEvent<KubeNode>>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await foreach (var change in client.WatchAsync(KubeNode.Resource, list.Version, patience.Token))
        {
            if (change.Type != KubeEventType.Bookmark)
                seen.Add(change);
            if (change.Key == InformerTests.Name(50) && change.Value!.InternalIps.Count == 2)
                break;
        }

        // Making a node may be more than one write; what comes first of each object is what counts.
        Assert.Equal(
            [(KubeEventType.Modified, "node-0003"), (KubeEventType.Deleted, "node-0004"), (KubeEventType.Added, "node-0050")],
            seen.DistinctBy(e => e.Key).Select(e => (e.Type, e.Key)));
        Assert.Equal("moved", seen[0].Value!.Zone);
        Assert.All(seen.Zip(seen.Skip(1)), pair => Assert.True(pair.First.Version < pair.Second.Version));
        Assert.True(seen[0].Version > list.Version);
    }

    [Fact]
    public async Task Informer_WhileNodesComeAndGo_EndsWithTheServersList()
    {
        await using var server = await FilledAsync();
        using var client = new KubeClient(server.Config, new KubeClientOptions { PageSize = 5 });
        await using var informer = client.Inform(KubeNode.Resource, InformerTests.Fast);
        using var feed = informer.Subscribe();
        Assert.Equal(Nodes, (await InformerTests.NextAsync(feed)).Count);
        var random = new Random(3);
        for (var step = 0; step < 40; step++)
        {
            if (random.Next(3) == 0)
                await server.DeleteAsync(random.Next(Nodes));
            else
                await server.PutAsync(random.Next(Nodes), "z" + step);
        }

        var list = await client.ListAsync(KubeNode.Resource);
        await InformerTests.UntilAsync(() => informer.Snapshot().SequenceEqual(list.Items));
        Assert.Equal((1, 0, true), (informer.Status.Lists, informer.Status.Skipped, informer.Status.AwayFor is null));
    }

    [Fact]
    public async Task Watch_VersionForgotten_IsGone()
    {
        await using var server = await FilledAsync();
        using var client = new KubeClient(server.Config);
        await server.ForgetAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var e = await Assert.ThrowsAsync<KubeException>(async () =>
        {
            await foreach (var _ in client.WatchAsync(KubeNode.Resource, 1, patience.Token))
            {
            }
        });
        Assert.Equal((KubeFault.Gone, "Expired"), (e.Fault, e.Reason));
        Assert.Contains("cannot watch nodes at ", e.Message);
        Assert.Contains(": 410 Expired \"too old resource version", e.Message);
    }

    [Fact]
    public async Task Informer_ServerStartedAnew_TellsNothingThatDidNotChange()
    {
        await using var server = await FilledAsync();
        using var client = new KubeClient(server.Config);
        await using var informer = client.Inform(KubeNode.Resource, InformerTests.Fast);
        using var feed = informer.Subscribe();
        Assert.Equal(Nodes, (await InformerTests.NextAsync(feed)).Count);
        await InformerTests.UntilAsync(() => informer.Status.Watches == 1);
        await server.ForgetAsync();
        await InformerTests.UntilAsync(() => informer.Status is { Watches: > 1, AwayFor: null });
        await server.PutAsync(5, "moved");
        var change = Assert.Single(await InformerTests.NextAsync(feed));
        Assert.Equal((InformerTests.Name(5), "moved"), (change.Key, change.Now!.Zone));
        Assert.InRange(informer.Status.Lists, 1, 2);
    }

    [Fact]
    public async Task Roles_Missing_AreNamed()
    {
        await using var server = await StartAsync();
        using var client = new KubeClient(server.Config);
        var e = await Assert.ThrowsAsync<KubeException>(() => client.ListAsync(KubeNode.Resource with { Plural = "secrets" }));
        Assert.Equal(KubeFault.Forbidden, e.Fault);
        Assert.Contains(": 403 Forbidden \"secrets is forbidden: User ", e.Message);
        Assert.EndsWith("; a role must allow it: apiGroups [\"\"], resources [\"secrets\"], verbs [\"list\"]", e.Message);
    }

    [Fact]
    public async Task Token_OfAnotherCluster_IsRefused()
    {
        await using var server = await StartAsync();
        using var client = new KubeClient(server.ConfigWithToken("somebody-elses"));
        var e = await Assert.ThrowsAsync<KubeException>(() => client.ListAsync(KubeNode.Resource));
        Assert.Equal(KubeFault.Unauthorized, e.Fault);
        Assert.Contains(": 401 Unauthorized \"Unauthorized\"; the credentials of ", e.Message);
        Assert.DoesNotContain("somebody", e.Message);
    }

    [Fact]
    public async Task Lease_OfTwoWritersFromOneVersion_OneWins()
    {
        await using var server = await StartAsync();
        using var client = new KubeClient(server.Config);
        var at = new DateTimeOffset(2026, 11, 21, 1, 2, 3, 456, 789, TimeSpan.Zero);
        var name = "twill-" + Guid.NewGuid().ToString("N")[..8];
        var lease = new KubeLease { Namespace = "default", Name = name, Holder = "node1", Duration = TimeSpan.FromSeconds(15), AcquireTime = at, RenewTime = at };
        Assert.Null(await client.GetAsync(KubeLease.Resource("default"), "default", name));
        var made = (await client.TryCreateAsync(lease))!.Value;
        Assert.Equal(lease, made.Value);
        Assert.Null(await client.TryCreateAsync(lease with { Holder = "node2" }));
        var renewed = (await client.TryUpdateAsync(lease with { RenewTime = at.AddSeconds(5) }, made.Version))!.Value;
        Assert.True(renewed.Version > made.Version);
        Assert.Null(await client.TryUpdateAsync(lease with { Holder = "node2", Transitions = 1 }, made.Version));
        Assert.Equal(renewed, (await client.GetAsync(KubeLease.Resource("default"), "default", name))!.Value);
    }

    private async Task<IContractServer> FilledAsync()
    {
        var server = await StartAsync();
        for (var i = 0; i < Nodes; i++)
            await server.PutAsync(i, "a");
        return server;
    }
}
