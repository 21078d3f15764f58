using System.Text;
using Twill.Etcd;
using Twill.Etcd.Watch;
using Xunit;

namespace Twill.KernelTests.Etcd;

/// <summary>Single watches: order, progress, parts, catching up, compaction.</summary>
public sealed class WatchTests
{
    [Fact]
    public async Task Watch_FromAnOldRevision_TellsEveryChangeInOrder_AndProgressWhenIdle()
    {
        using var etcd = new EtcdCluster(1);
        using EtcdClient client = etcd.Client();
        EtcdResult.Put first = await client.PutAsync(new EtcdOperation.Put("/w/a", "1"));
        await client.PutAsync(new EtcdOperation.Put("/other", "x"));
        await client.PutAsync(new EtcdOperation.Put("/w/a", "2"));
        await client.CommitAsync(new Transaction { Success = [new EtcdOperation.Put("/w/b", "3"), new EtcdOperation.Delete(KeyRange.Of("/w/a"))] });
        await using EtcdWatch watch = await client.WatchAsync(new WatchRequest(KeyRange.Prefix("/w/")) { StartRevision = first.Header.Revision, WithPrevious = true });
        var events = new List<WatchEvent>();
        long revision = 0;
        while (events.Count < 4)
        {
            var changes = Assert.IsType<WatchStep.Changes>(await watch.NextAsync());
            Assert.True(changes.Revision > revision);
            revision = changes.Revision;
            events.AddRange(changes.Events);
        }

        Assert.Equal(["+a1 ", "+a2 1", "+b3 ", "-a 2"], events.Select(e => $"{(e.IsDelete ? '-' : '+')}{e.Entry.KeyText[^1]}{Encoding.UTF8.GetString(e.Entry.Value.Span)} {(e.Previous is { } p ? Encoding.UTF8.GetString(p.Value.Span) : "")}"));
        Assert.Equal(events[2].Entry.ModRevision, events[3].Entry.ModRevision);

        EtcdResult.Put other = await client.PutAsync(new EtcdOperation.Put("/other", "y"));
        var idle = (WatchStep.Progress)await Watching.UntilAsync(watch, s => s is WatchStep.Progress p && p.Revision >= other.Header.Revision);
        Assert.Equal(other.Header.Revision, idle.Revision);
    }

    [Fact]
    public async Task Watch_OfManyLargeChanges_ComesWholeThoughInParts()
    {
        using var etcd = new EtcdCluster(1);
        using EtcdClient client = etcd.Client();
        const int Keys = 40, Bytes = 100_000;
        long start = 0;
        for (int i = 0; i < Keys; i++)
        {
            EtcdResult.Put put = await client.PutAsync(new EtcdOperation.Put($"/big/{i:00}", new byte[Bytes]));
            if (start == 0) start = put.Header.Revision;
        }

        // 4 MB at once is more than the server puts into one message.
        await using EtcdWatch watch = await client.WatchAsync(new WatchRequest(KeyRange.Prefix("/big/")) { StartRevision = start });
        var changes = Assert.IsType<WatchStep.Changes>(await watch.NextAsync());
        Assert.Equal((Keys, start + Keys - 1), (changes.Events.Count, changes.Revision));
        Assert.All(changes.Events, e => Assert.Equal(Bytes, e.Entry.Value.Length));
    }

    /// <summary>A watch that catches up is told a thousand revisions at a time; each step's revision is the one to go on from.</summary>
    [Fact]
    public async Task Watch_CutWhileItCatchesUp_GoesOnWithoutAGap()
    {
        using var etcd = new EtcdCluster(1);
        using EtcdClient client = etcd.Client();
        const int Changes = 2500;
        long first = (await client.PutAsync(new EtcdOperation.Put("/u/first", "x"))).Header.Revision + 1;
        await Task.WhenAll(Enumerable.Range(0, Changes).Select(i => client.PutAsync(new EtcdOperation.Put($"/u/{i % 7}", "x"))));
        var seen = new List<long>();
        long next = first;
        while (seen.Count < Changes)
        {
            await using EtcdWatch watch = await client.WatchAsync(new WatchRequest(KeyRange.Prefix("/u/")) { StartRevision = next });
            var changes = (WatchStep.Changes)await Watching.UntilAsync(watch, s => s is WatchStep.Changes);
            seen.AddRange(changes.Events.Select(e => e.Entry.ModRevision));
            next = changes.Revision + 1;
        }

        Assert.Equal(Enumerable.Range(0, Changes).Select(i => first + i), seen);
    }

    [Fact]
    public async Task Watch_OfACompactedRevision_SaysTheOldestThereIs()
    {
        using var etcd = new EtcdCluster(1);
        using EtcdClient client = etcd.Client();
        EtcdResult.Put put = await client.PutAsync(new EtcdOperation.Put("/c/a", "1"));
        for (int i = 0; i < 5; i++) put = await client.PutAsync(new EtcdOperation.Put("/c/a", "1"));
        etcd.Ctl(0, "compaction", $"{put.Header.Revision}");
        await using EtcdWatch watch = await client.WatchAsync(new WatchRequest(KeyRange.Prefix("/c/")) { StartRevision = 2 });
        Assert.Equal(new WatchStep.Compacted(put.Header.Revision), await watch.NextAsync());
        EtcdException old = await Assert.ThrowsAsync<EtcdException>(() => client.RangeAsync(new EtcdOperation.Range(KeyRange.Of("/c/a")) { Revision = 2 }));
        Assert.True(old.IsCompacted);
    }
}
