using Twill.Etcd;
using Twill.Etcd.Watch;
using Xunit;

namespace Twill.KernelTests.Etcd;

/// <summary>Mirrors on real members that are killed, stopped, compacted or set back.</summary>
public sealed class MirrorTests
{
    [Fact]
    public async Task Mirror_AwayDuringCompaction_TellsTheDifferenceOnly_AndNothingWhereThereIsNone()
    {
        using var etcd = new EtcdCluster(1);
        using EtcdClient client = etcd.Client();
        foreach (string name in (string[])["stays", "goes", "turns"]) await client.PutAsync(new EtcdOperation.Put($"/m/{name}", "old"));
        await using var mirror = new PrefixMirror(client, "/m/");
        var snapshot = Assert.IsType<MirrorStep.Snapshot>(await mirror.NextAsync(default));
        Assert.Equal(["/m/goes", "/m/stays", "/m/turns"], snapshot.Entries.Select(e => e.KeyText));

        etcd.Kill(0);
        var away = Assert.IsType<MirrorStep.Away>((await Watching.UntilAsync(mirror, s => s is MirrorStep.Away))[^1]);
        Assert.True(away.Why.IsTransient);
        etcd.Start(0);
        etcd.WaitUntilServing(etcd.Endpoints[0]);
        await client.PutAsync(new EtcdOperation.Put("/m/turns", "new"));
        await client.PutAsync(new EtcdOperation.Put("/m/stays", "other"));
        await client.PutAsync(new EtcdOperation.Put("/m/stays", "old"));
        await client.PutAsync(new EtcdOperation.Put("/m/comes", "new"));
        EtcdResult.Delete last = await client.DeleteAsync(new EtcdOperation.Delete(KeyRange.Of("/m/goes")));
        etcd.Ctl(0, "compaction", $"{last.Header.Revision}");

        IReadOnlyList<MirrorStep> steps = await Watching.UntilAsync(mirror, s => s is MirrorStep.Back);
        steps = [.. steps, .. steps.Any(s => s is MirrorStep.Changes) ? [] : await Watching.UntilAsync(mirror, s => s is MirrorStep.Changes)];
        MirrorStep.Changes changes = Assert.Single(steps.OfType<MirrorStep.Changes>());
        Assert.Equal(["/m/comes", "/m/turns"], changes.Changed.Select(e => e.KeyText));
        Assert.Equal(["/m/goes"], changes.Gone);

        // Once more away, with nothing changed but revisions: back, and not a word.
        etcd.Kill(0);
        await Watching.UntilAsync(mirror, s => s is MirrorStep.Away);
        etcd.Start(0);
        etcd.WaitUntilServing(etcd.Endpoints[0]);
        EtcdResult.Put same = await client.PutAsync(new EtcdOperation.Put("/m/stays", "old"));
        etcd.Ctl(0, "compaction", $"{same.Header.Revision}");
        Assert.Equal(typeof(MirrorStep.Back), Assert.Single(await Watching.UntilAsync(mirror, s => s is MirrorStep.Back)).GetType());
        await client.PutAsync(new EtcdOperation.Put("/m/end", "x"));
        var end = Assert.IsType<MirrorStep.Changes>(Assert.Single(await Watching.UntilAsync(mirror, s => s is MirrorStep.Changes)));
        Assert.Equal("/m/end", Assert.Single(end.Changed).KeyText);
    }

    /// <summary>The leader dies, another member is stopped (connections stay open and nobody answers) and goes on: every change arrives, once.</summary>
    [Fact]
    public async Task Mirror_LeaderKilledThenItsMemberStopped_MissesAndRepeatsNothing()
    {
        using var etcd = new EtcdCluster(3);
        using EtcdClient writer = etcd.Client();
        int leader = etcd.Leader(writer);

        // It watches at the leader, so that the leader's death is the connection's too.
        using var reader = new EtcdClient(etcd.Options with { Endpoints = [etcd.Endpoints[leader], etcd.Endpoints[(leader + 1) % 3], etcd.Endpoints[(leader + 2) % 3]] });
        await using var mirror = new PrefixMirror(reader, "/n/");
        Assert.IsType<MirrorStep.Snapshot>(await mirror.NextAsync(default));
        await writer.PutAsync(new EtcdOperation.Put("/n/before", "x"));
        var told = new List<string>(Names(await Watching.UntilAsync(mirror, s => s is MirrorStep.Changes)));

        etcd.Kill(leader);
        await PutSurelyAsync(writer, "/n/leaderless");
        told.AddRange(Names(await Watching.UntilAsync(mirror, s => Names([s]).Contains("/n/leaderless"))));

        etcd.Start(leader);
        etcd.WaitUntilServing(etcd.Endpoints[leader]);
        int watched = Enumerable.Range(0, 3).First(i => etcd.Endpoints[i] == reader.Current);
        etcd.Signal(watched, "STOP");
        using (var others = new EtcdClient(etcd.Options with { Endpoints = [.. etcd.Endpoints.Where((_, i) => i != watched)] }))
        {
            await PutSurelyAsync(others, "/n/stopped");
            told.AddRange(Names(await Watching.UntilAsync(mirror, s => Names([s]).Contains("/n/stopped"))));
            etcd.Signal(watched, "CONT");
            await PutSurelyAsync(others, "/n/after");
            told.AddRange(Names(await Watching.UntilAsync(mirror, s => Names([s]).Contains("/n/after"))));
        }

        Assert.Equal(["/n/before", "/n/leaderless", "/n/stopped", "/n/after"], told);
    }

    /// <summary>A member that is cut off from the majority ends its watches, instead of keeping silent.</summary>
    [Fact]
    public async Task Mirror_MajorityGone_SaysThatThereIsNoLeader_AndComesBack()
    {
        using var etcd = new EtcdCluster(3);
        using var client = new EtcdClient(etcd.Options with { Endpoints = [etcd.Endpoints[0]] });
        await using var mirror = new PrefixMirror(client, "/l/");
        Assert.IsType<MirrorStep.Snapshot>(await mirror.NextAsync(default));
        Task<MirrorStep> next = mirror.NextAsync(default);
        etcd.Kill(1);
        etcd.Kill(2);
        var away = Assert.IsType<MirrorStep.Away>(await next.WaitAsync(TimeSpan.FromSeconds(15)));
        Assert.Contains("no leader", away.Why.Message, StringComparison.Ordinal);
        etcd.Start(1);
        await Watching.UntilAsync(mirror, s => s is MirrorStep.Back);
    }

    [Fact]
    public async Task Cluster_MadeAnewUnderTheOldAddress_IsRefused()
    {
        using var etcd = new EtcdCluster(1);
        using var other = new EtcdCluster(3);
        using EtcdClient client = etcd.Client();
        await client.PutAsync(new EtcdOperation.Put("/a", "b"));

        // The same address in the other namespace is another cluster: as if etcd had been made anew.
        using var mixed = new EtcdClient(etcd.Options with { OpenSocket = Alternate(etcd, other), Endpoints = [etcd.Endpoints[0], new Uri("http://127.0.0.1:2389")] });
        await mixed.RangeAsync(new EtcdOperation.Range(KeyRange.Of("/a")));
        mixed.TurnFrom(etcd.Endpoints[0]);
        EtcdException e = await Assert.ThrowsAsync<EtcdException>(() => mixed.RangeAsync(new EtcdOperation.Range(KeyRange.Of("/a"))));
        Assert.Equal(GrpcStatus.FailedPrecondition, e.Status);
        Assert.Contains("etcd was made anew", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Store_SetBackToABackup_IsToldAsADifference()
    {
        using var etcd = new EtcdCluster(1);
        using EtcdClient client = etcd.Client();
        await client.PutAsync(new EtcdOperation.Put("/b/kept", "1"));
        etcd.Backup(0);
        for (int i = 0; i < 10; i++) await client.PutAsync(new EtcdOperation.Put("/b/lost", "1"));
        await using var mirror = new PrefixMirror(client, "/b/");
        Assert.Equal(2, Assert.IsType<MirrorStep.Snapshot>(await mirror.NextAsync(default)).Entries.Count);
        await client.PutAsync(new EtcdOperation.Put("/b/kept", "2"));
        await Watching.UntilAsync(mirror, s => s is MirrorStep.Changes);

        etcd.Kill(0);
        etcd.Restore(0);
        etcd.Start(0);
        IReadOnlyList<MirrorStep> steps = await Watching.UntilAsync(mirror, s => s is MirrorStep.Changes);
        var changes = (MirrorStep.Changes)steps[^1];
        Assert.Equal(("/b/kept", "/b/lost"), (Assert.Single(changes.Changed).KeyText, Assert.Single(changes.Gone)));
    }

    private static Func<System.Net.Sockets.AddressFamily, System.Net.Sockets.Socket> Alternate(EtcdCluster first, EtcdCluster then)
    {
        int opened = 0;
        return family => (opened++ == 0 ? first : then).Options.OpenSocket!(family);
    }

    /// <summary>Puts until it is acknowledged: the same value twice is the same as once.</summary>
    private static async Task PutSurelyAsync(EtcdClient client, string key)
    {
        for (int i = 0; i < 20; i++)
        {
            try
            {
                if ((await client.CommitAsync(new Transaction { If = [Compare.Absent(key)], Success = [new EtcdOperation.Put(key, "x")] })).Header.Revision > 0) return;
            }
            catch (EtcdException e) when (e.IsTransient || e.Status == GrpcStatus.Unknown)
            {
            }
        }

        Assert.Fail($"{key} cannot be put");
    }

    private static IEnumerable<string> Names(IEnumerable<MirrorStep> steps) => steps.OfType<MirrorStep.Changes>().SelectMany(c => c.Changed).Select(e => e.KeyText);
}
