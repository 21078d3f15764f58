using Twill.Kube;
using Twill.Tests.Kube.Server;
using Xunit;

namespace Twill.Tests.Kube;

/// <summary>An informer against a server that misbehaves by plan.</summary>
public sealed class InformerTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private static readonly Fault[] s_eventFaults = [Fault.Drop, Fault.Duplicate, Fault.Reorder, Fault.Delay, Fault.Truncate, Fault.Cut, Fault.Gone, Fault.Garbage];

    private static readonly Fault[] s_requestFaults = [Fault.Cut, Fault.ServerError, Fault.Busy, Fault.Stale, Fault.Expired, Fault.Truncate];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Store_AfterAnyFaultSchedule_ConvergesToTheServers(int seed)
    {
        var api = new FakeApi();
        var random = new Random(seed);
        for (var i = 0; i < 30; i++)
            Put(api, i, 0);
        await using var server = new FakeApiServer(api) { Faults = new FaultPlan(seed, s_eventFaults, s_requestFaults, 3) };
        using var client = Client(server, seed, pageSize: 7);
        await using var informer = client.Inform(KubeNode.Resource, Fast with { RelistEvery = TimeSpan.FromMilliseconds(250) });
        using var feed = informer.Subscribe();
        var view = new SortedDictionary<string, KubeNode>(StringComparer.Ordinal);
        for (var step = 0; step < 120; step++)
        {
            var index = random.Next(40);
            if (random.Next(4) == 0)
                api.Delete(Name(index));
            else
                Put(api, index, step, zone: "z" + random.Next(3));
            if (random.Next(25) == 0)
                api.Compact();
            if (random.Next(40) == 0)
                server.CutAll();
            if (step % 4 == 0)
                await FollowOnceAsync(feed, view, TimeSpan.FromMilliseconds(10));
        }

        server.Faults = FaultPlan.None;
        await ConvergeAsync(informer, feed, view, server);
        Assert.True(informer.Status.Lists >= 1);
    }

    /// <summary>Without lost events the versions alone must be enough: no list is made anew by the clock.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Store_EventsTwiceLateAndOutOfOrder_ConvergesWithoutATimer(int seed)
    {
        var api = new FakeApi();
        var random = new Random(seed);
        await using var server = new FakeApiServer(api) { Faults = new FaultPlan(seed, [Fault.Duplicate, Fault.Reorder, Fault.Reorder, Fault.Delay, Fault.Truncate, Fault.Cut], [], 2) };
        using var client = Client(server, seed);
        await using var informer = client.Inform(KubeNode.Resource, Fast with { RelistEvery = TimeSpan.Zero });
        using var feed = informer.Subscribe();
        var view = new SortedDictionary<string, KubeNode>(StringComparer.Ordinal);
        for (var step = 0; step < 200; step++)
        {
            // Few names, so that what is out of order is often of one object: made, deleted, made again.
            var index = random.Next(3);
            if (random.Next(2) == 0)
                api.Delete(Name(index));
            else
                Put(api, index, step, zone: "z" + step);
            if (step % 10 == 0)
                await FollowOnceAsync(feed, view, TimeSpan.FromMilliseconds(5));
        }

        await ConvergeAsync(informer, feed, view, server);
    }

    [Theory]
    [InlineData("an older change after a newer one", "new", 1, "MODIFIED 2002 new", "MODIFIED 2001 old")]
    [InlineData("a deletion of an older one after a newer one", "new", 1, "MODIFIED 2002 new", "DELETED 2001 old")]
    [InlineData("the same twice", "new", 1, "MODIFIED 2002 new", "MODIFIED 2002 new")]
    [InlineData("deleted and made again, told the wrong way round", "new", 1, "ADDED 2003 new", "DELETED 2002 old")]
    // The list says what is true: version 2000, zone a.
    [InlineData("a change from before a deletion, after it", "a", 2, "DELETED 2002 old", "MODIFIED 2001 old")]
    public async Task Event_OutOfOrder_NeverTakesTheStoreBack(string what, string zone, int lists, params string[] events)
    {
        var api = new FakeApi(1999);
        Put(api, 1, 0);
        await using var server = new FakeApiServer(api);
        foreach (var text in events)
        {
            var parts = text.Split(' ');
            server.Scripted.Enqueue((parts[0], NodeJson.Of(Name(1), ulong.Parse(parts[1]), 1, zone: parts[2])));
        }

        server.Scripted.Enqueue(("ADDED", NodeJson.Of("last", 2009, 9)));
        using var client = Client(server, 1);
        await using var informer = client.Inform(KubeNode.Resource, Fast);
        if (lists == 1)
            await UntilAsync(() => informer.Find("last") is not null);
        else
            await UntilAsync(() => informer.Status.Lists == lists && informer.Status.AwayFor is null);
        Assert.True(zone == informer.Find(Name(1))?.Zone, what);
        Assert.Equal(lists, informer.Status.Lists);
    }

    [Fact]
    public async Task Feed_GoneOnEveryThirdEvent_BringsEachChangeAndNothingElse()
    {
        var api = new FakeApi();
        for (var i = 0; i < 20; i++)
            Put(api, i, 0);
        await using var server = new FakeApiServer(api) { Faults = new FaultPlan(0, [], [], 1) { GoneEvery = 3 } };
        using var client = Client(server, 1);
        await using var informer = client.Inform(KubeNode.Resource, Fast);
        using var feed = informer.Subscribe();
        Assert.Equal(20, (await NextAsync(feed)).Count);
        for (var step = 0; step < 30; step++)
        {
            // A heartbeat changes the object and nothing that we keep: it must not be seen, relisted or not.
            Put(api, 5, heartbeat: step + 1);
            Put(api, 6, heartbeat: 0, zone: "z" + step);
            var change = Assert.Single(await NextAsync(feed));
            Assert.Equal((Name(6), "z" + step), (change.Key, change.Now!.Zone));
        }

        Assert.True(informer.Status.Lists > 10, $"{informer.Status.Lists} lists: 410 was not forced");
    }

    [Fact]
    public async Task Store_ServerAwayAndBackWithNothingChanged_StaysAndSaysSinceWhenAndGivesAnEmptyDelta()
    {
        var api = new FakeApi();
        for (var i = 0; i < 50; i++)
            Put(api, i, 0);
        await using var server = new FakeApiServer(api);
        using var client = Client(server, 1);
        var notices = new List<InformerNotice>();
        var back = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var away = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var informer = client.Inform(KubeNode.Resource, Fast with
        {
            Notice = n =>
            {
                lock (notices)
                    notices.Add(n);
                if (n.Kind == InformerNoticeKind.Away)
                    away.TrySetResult();
                if (n.Kind == InformerNoticeKind.Back)
                    back.TrySetResult();
            },
        });
        using var feed = informer.Subscribe();
        await NextAsync(feed);
        await UntilAsync(() => informer.Status.AwayFor is null);
        await server.GoAwayAsync();
        await away.Task.WaitAsync(s_patience);
        Assert.NotNull(informer.Status.AwayFor);
        Assert.Contains("cannot watch nodes at http://127.0.0.1:", informer.Status.Problem!.Message);
        Assert.Equal(50, informer.Snapshot().Count);
        // So long away that its version is forgotten.
        Put(api, 3, heartbeat: 1);
        api.Compact();
        var lists = server.Lists;
        server.ComeBack();
        await back.Task.WaitAsync(s_patience);
        await UntilAsync(() => informer.Snapshot().Single(i => i.Key == Name(3)).Version == api.Version);
        Assert.Equal(lists + 1, server.Lists);
        Put(api, 4, 0, zone: "moved");
        Assert.Equal(Name(4), Assert.Single(await NextAsync(feed)).Key);
        Assert.Equal([InformerNoticeKind.Synced, InformerNoticeKind.Away, InformerNoticeKind.Relisted, InformerNoticeKind.Back],
            notices.Select(n => n.Kind).Where(k => k != InformerNoticeKind.StillAway));
        Assert.Equal(0, notices.Single(n => n.Kind == InformerNoticeKind.Relisted).Objects);
    }

    [Fact]
    public async Task List_OlderThanWhatWasSeen_IsNotBelieved()
    {
        var api = new FakeApi();
        Put(api, 1, 0);
        Put(api, 2, 0);
        var old = api.Version;
        await using var server = new FakeApiServer(api);
        using var client = Client(server, 1);
        await using var informer = client.Inform(KubeNode.Resource, Fast);
        using var feed = informer.Subscribe();
        Assert.Equal(2, (await NextAsync(feed)).Count);
        Put(api, 3, 0);
        Assert.Single(await NextAsync(feed));
        // The next lists come from a server that lags, then one that does not: node 3 may not vanish in between.
        for (var i = 1; i < Informer<KubeNode>.MaxStaleLists; i++)
            server.ListVersions.Enqueue(old);
        server.Faults = new FaultPlan(0, [], [], 1) { GoneEvery = 1 };
        Put(api, 4, 0);
        Assert.Equal(Name(4), Assert.Single(await NextAsync(feed)).Key);
        await UntilAsync(() => informer.Status.Lists == 2);
        server.Faults = FaultPlan.None;
        Assert.Equal(1 + Informer<KubeNode>.MaxStaleLists, server.Lists);
        Put(api, 5, 0);
        Assert.Equal(Name(5), Assert.Single(await NextAsync(feed)).Key);
        Assert.Equal(5, informer.Snapshot().Count);
    }

    [Fact]
    public async Task Store_BackupRestored_FollowsAfterABoundedNumberOfDoubts()
    {
        var api = new FakeApi();
        Put(api, 1, 0);
        var backup = api.Version;
        Put(api, 2, 0);
        await using var server = new FakeApiServer(api);
        using var client = Client(server, 1);
        await using var informer = client.Inform(KubeNode.Resource, Fast with { RelistEvery = TimeSpan.FromMilliseconds(200) });
        using var feed = informer.Subscribe();
        Assert.Equal(2, (await NextAsync(feed)).Count);
        api.Restore(backup);
        var change = Assert.Single(await NextAsync(feed));
        Assert.Equal((Name(2), null), (change.Key, change.Now));
        Assert.Equal(backup, informer.Status.Version);
        Put(api, 7, 0);
        Assert.Equal(Name(7), Assert.Single(await NextAsync(feed)).Key);
    }

    [Fact]
    public async Task Feed_SlowConsumer_GetsOneStepAndNothingIsQueued()
    {
        var api = new FakeApi();
        await using var server = new FakeApiServer(api);
        using var client = Client(server, 1);
        await using var informer = client.Inform(KubeNode.Resource, Fast);
        using var feed = informer.Subscribe();
        Assert.Empty(await NextAsync(feed));
        for (var i = 0; i < InformerFeed<KubeNode>.MaxMarked + 500; i++)
            Put(api, i, 0);
        Put(api, 0, 0, zone: "last");
        api.Delete(Name(1));
        await UntilAsync(() => informer.Status.Version == api.Version);
        var changes = await NextAsync(feed);
        Assert.Equal(api.Objects.Count, changes.Count);
        Assert.All(changes, c => Assert.True(c.Before is null && c.Now is not null));
        Assert.Equal("last", changes.Single(c => c.Key == Name(0)).Now!.Zone);
    }

    [Fact]
    public async Task Object_Unreadable_IsSkippedAndTheOthersAreNot()
    {
        var api = new FakeApi();
        Put(api, 1, 0);
        Put(api, 2, 0);
        await using var server = new FakeApiServer(api);
        using var client = Client(server, 1);
        var skipped = new List<string>();
        await using var informer = client.Inform(KubeNode.Resource, Fast with
        {
            Notice = n =>
            {
                if (n.Kind == InformerNoticeKind.Skipped)
                {
                    lock (skipped)
                        skipped.Add(n.Problem!.Message);
                }
            },
        });
        using var feed = informer.Subscribe();
        Assert.Equal(2, (await NextAsync(feed)).Count);
        api.Put(Name(1), v => $$$"""{"metadata":{"name":"{{{Name(1)}}}","resourceVersion":"{{{v}}}"},"spec":{"podCIDRs":[7]}}""");
        Put(api, 3, 0);
        Assert.Equal(Name(3), Assert.Single(await NextAsync(feed)).Key);
        Assert.NotNull(informer.Find(Name(1)));
        await server.GoAwayAsync();
        Put(api, 2, heartbeat: 1);
        api.Compact();
        server.ComeBack();
        await UntilAsync(() => informer.Status.Lists == 2);
        Assert.Equal(3, informer.Snapshot().Count);
        lock (skipped)
            Assert.All(skipped, text => Assert.Equal($"cannot read nodes {Name(1)}: a Number where a text is expected; the others are not affected", text));
        Assert.Equal(2, informer.Status.Skipped);
    }

    [Fact]
    public async Task Dispose_WhileWatchingOrAway_EndsTheLoopAndTheFeed()
    {
        var api = new FakeApi();
        await using var server = new FakeApiServer(api);
        using var client = Client(server, 1);
        var informer = client.Inform(KubeNode.Resource, Fast);
        using var feed = informer.Subscribe();
        await NextAsync(feed);
        await informer.DisposeAsync();
        Assert.True(informer.Completion.IsCompletedSuccessfully);
        await Assert.ThrowsAsync<InvalidOperationException>(() => NextAsync(feed));
        await server.GoAwayAsync();
        informer = client.Inform(KubeNode.Resource, Fast);
        await UntilAsync(() => informer.Status.Problem is not null);
        await informer.DisposeAsync();
        Assert.True(informer.Completion.IsCompletedSuccessfully);
    }

    internal static InformerOptions Fast { get; } = new() { MinBackoff = TimeSpan.FromMilliseconds(1), MaxBackoff = TimeSpan.FromMilliseconds(20) };

    internal static string Name(int index) => NodeJson.Name(index);

    internal static void Put(FakeApi api, int index, int heartbeat, string zone = "a") => api.Put(Name(index), v => NodeJson.Of(Name(index), v, index, heartbeat, zone));

    internal static KubeClient Client(FakeApiServer server, int seed, int pageSize = 500) =>
        new(new KubeConfig { Server = server.Address, Origin = "test" }, new KubeClientOptions { PageSize = pageSize, Random = new Random(seed), RequestTimeout = TimeSpan.FromSeconds(5) });

    internal static async Task<IReadOnlyList<KubeChange<KubeNode>>> NextAsync(InformerFeed<KubeNode> feed)
    {
        using var patience = new CancellationTokenSource(s_patience);
        return await feed.NextAsync(patience.Token);
    }

    /// <summary>Asks again until it is so; the bound is the patience, and each question is a turn of the scheduler.</summary>
    internal static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(s_patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        while (!condition())
            await timer.WaitForNextTickAsync(patience.Token);
    }

    private static async Task FollowOnceAsync(InformerFeed<KubeNode> feed, SortedDictionary<string, KubeNode> view, TimeSpan bound)
    {
        using var patience = new CancellationTokenSource(bound);
        try
        {
            foreach (var change in await feed.NextAsync(patience.Token))
            {
                Assert.Equal(change.Before, view.GetValueOrDefault(change.Key));
                if (change.Now is null)
                    view.Remove(change.Key);
                else
                    view[change.Key] = change.Now;
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static async Task ConvergeAsync(Informer<KubeNode> informer, InformerFeed<KubeNode> feed, SortedDictionary<string, KubeNode> view, FakeApiServer server)
    {
        await UntilAsync(() => informer.Snapshot().Select(i => (i.Key, i.Version)).SequenceEqual(server.Api.Objects.Values.Select(o => (o.Name, o.Version))));
        foreach (var (key, item) in server.Api.Objects)
        {
            var expected = NodeJson.Expected(item.Json);
            var node = informer.Find(key)!;
            Assert.Equal(expected.Cidrs, node.PodCidrs);
            Assert.Equal(expected.Internal, node.InternalIps);
            Assert.Equal(expected.Zone, node.Zone);
        }

        await FollowOnceAsync(feed, view, TimeSpan.FromMilliseconds(50));
        Assert.Equal(informer.Snapshot().Select(i => i.Value), view.Values);
    }
}
