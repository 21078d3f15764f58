using System.Text;
using Twill.Etcd;
using Xunit;

namespace Twill.KernelTests.Etcd;

/// <summary>Each call of the client against one real member, judged by etcdctl where it has a word for it.</summary>
public sealed class ClientTests : IClassFixture<OneMember>
{
    private readonly EtcdCluster _etcd;
    private readonly EtcdClient _client;

    public ClientTests(OneMember member)
    {
        _etcd = member.Etcd;
        _client = member.Client;
    }

    [Fact]
    public async Task Put_ReadBackAndDelete_IsWhatEtcdctlSees()
    {
        EtcdResult.Put first = await _client.PutAsync(new EtcdOperation.Put("/put/a", "one") { WithPrevious = true });
        Assert.Null(first.Previous);
        Assert.Equal("one\n", _etcd.Ctl(0, "get", "/put/a", "--print-value-only"));
        EtcdResult.Put second = await _client.PutAsync(new EtcdOperation.Put("/put/a", "two") { WithPrevious = true });
        Assert.Equal("one", Encoding.UTF8.GetString(second.Previous!.Value.Span));
        Assert.Equal(first.Header.Revision + 1, second.Header.Revision);

        EtcdResult.Range range = await _client.RangeAsync(new EtcdOperation.Range(KeyRange.Of("/put/a")));
        KeyValue entry = Assert.Single(range.Entries);
        Assert.Equal(("/put/a", first.Header.Revision, second.Header.Revision, 2L, 0L), (entry.KeyText, entry.CreateRevision, entry.ModRevision, entry.Version, entry.Lease));

        // As it was before, and what has been compacted since.
        EtcdResult.Range before = await _client.RangeAsync(new EtcdOperation.Range(KeyRange.Of("/put/a")) { Revision = first.Header.Revision });
        Assert.Equal("one", Encoding.UTF8.GetString(before.Entries[0].Value.Span));

        EtcdResult.Delete deleted = await _client.DeleteAsync(new EtcdOperation.Delete(KeyRange.Prefix("/put/")) { WithPrevious = true });
        Assert.Equal((1L, "two"), (deleted.Count, Encoding.UTF8.GetString(deleted.Previous[0].Value.Span)));
        Assert.Equal(0, (await _client.DeleteAsync(new EtcdOperation.Delete(KeyRange.Prefix("/put/")))).Count);
        Assert.Equal("", _etcd.Ctl(0, "get", "/put/", "--prefix"));
    }

    [Fact]
    public async Task Range_InPages_IsTheWholePrefixAndNothingElse()
    {
        for (int i = 0; i < 25; i++) await _client.PutAsync(new EtcdOperation.Put($"/pages/{i:00}", new byte[i]));
        await _client.PutAsync(new EtcdOperation.Put("/pages0", "behind the prefix"));
        var seen = new List<string>();
        KeyRange rest = KeyRange.Prefix("/pages/");
        while (true)
        {
            EtcdResult.Range page = await _client.RangeAsync(new EtcdOperation.Range(rest) { Limit = 10 });
            Assert.Equal(25 - seen.Count, page.Count);
            seen.AddRange(page.Entries.Select(e => e.KeyText));
            if (!page.More) break;
            rest = rest.After(page.Entries[^1].Key);
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"/pages/{i:00}"), seen);
        EtcdResult.Range count = await _client.RangeAsync(new EtcdOperation.Range(KeyRange.Prefix("/pages/")) { CountOnly = true });
        Assert.Equal((25L, 0), (count.Count, count.Entries.Count));
        EtcdResult.Range names = await _client.RangeAsync(new EtcdOperation.Range(KeyRange.Prefix("/pages/2")) { KeysOnly = true, Serializable = true });
        Assert.All(names.Entries, e => Assert.Equal(0, e.Value.Length));
    }

    [Fact]
    public async Task Commit_ByEachCondition_TakesTheRightBranch()
    {
        EtcdResult.Put put = await _client.PutAsync(new EtcdOperation.Put("/txn/a", "x"));
        long revision = put.Header.Revision;
        KeyRange a = KeyRange.Of("/txn/a"), all = KeyRange.Prefix("/txn/");
        (Compare Condition, bool Holds)[] table =
        [
            (Compare.Absent("/txn/a"), false), (Compare.Absent("/txn/none"), true),
            (Compare.Unchanged("/txn/a", revision), true), (Compare.Unchanged("/txn/a", revision - 1), false),
            (Compare.ModRevision(all, Comparison.Less, revision + 1), true), (Compare.ModRevision(all, Comparison.Less, revision), false),
            (Compare.CreateRevision(a, Comparison.Greater, revision), false), (Compare.CreateRevision(a, Comparison.NotEqual, 0), true),
            (Compare.ValueOf("/txn/a", "x"), true), (Compare.ValueOf("/txn/a", "y"), false), (Compare.ValueOf("/txn/none", ""), false),
            (Compare.Version(a, Comparison.Equal, 1), true),
        ];
        foreach ((Compare condition, bool holds) in table)
        {
            TransactionResult result = await _client.CommitAsync(new Transaction { If = [condition], Success = [new EtcdOperation.Range(a)], Failure = [new EtcdOperation.Range(KeyRange.Of("/txn/none"))] });
            Assert.True(result.Succeeded == holds, condition.ToString());
            Assert.Equal(holds ? 1 : 0, Assert.IsType<EtcdResult.Range>(Assert.Single(result.Results)).Entries.Count);
        }

        TransactionResult writes = await _client.CommitAsync(new Transaction { If = [table[1].Condition, table[2].Condition], Success = [new EtcdOperation.Put("/txn/b", "new"), new EtcdOperation.Delete(a)] });
        Assert.IsType<EtcdResult.Put>(writes.Results[0]);
        Assert.Equal(1, Assert.IsType<EtcdResult.Delete>(writes.Results[1]).Count);
        Assert.Equal("/txn/b\nnew\n", _etcd.Ctl(0, "get", "/txn/", "--prefix"));
    }

    [Fact]
    public async Task Lease_KeptThenRevoked_TakesItsKeyAlong()
    {
        Lease lease = await _client.GrantLeaseAsync(2);
        await _client.PutAsync(new EtcdOperation.Put("/lease/a", "x") { Lease = lease.Id });
        using var stop = new CancellationTokenSource();
        Task<LeaseEnd> kept = _client.KeepLeaseAsync(lease.Id, stop.Token);
        Lease seen = await _client.ReadLeaseAsync(lease.Id, withKeys: true);
        Assert.Equal((2L, "/lease/a"), (seen.GrantedSeconds, Assert.Single(seen.Keys)));
        Assert.Contains($"granted with TTL({lease.TtlSeconds}s)", _etcd.Ctl(0, "lease", "timetolive", $"{lease.Id:x}"), StringComparison.Ordinal);

        Assert.True(await _client.RevokeLeaseAsync(lease.Id));
        Assert.False(await _client.RevokeLeaseAsync(lease.Id));
        Assert.Equal(LeaseEnd.Gone, await kept.WaitAsync(TimeSpan.FromSeconds(5)));
        Assert.Equal(-1, (await _client.ReadLeaseAsync(lease.Id)).TtlSeconds);
        Assert.Empty((await _client.RangeAsync(new EtcdOperation.Range(KeyRange.Of("/lease/a")))).Entries);
    }

    [Fact]
    public async Task Lease_KeptForLongerThanItsLife_Lives_AndAnUnkeptOneDies()
    {
        Lease kept = await _client.GrantLeaseAsync(1), dropped = await _client.GrantLeaseAsync(1);
        await _client.PutAsync(new EtcdOperation.Put("/life/kept", "x") { Lease = kept.Id });
        EtcdResult.Put put = await _client.PutAsync(new EtcdOperation.Put("/life/dropped", "x") { Lease = dropped.Id });
        using var stop = new CancellationTokenSource();
        Task<LeaseEnd> keeping = _client.KeepLeaseAsync(kept.Id, stop.Token);
        await using (Twill.Etcd.Watch.EtcdWatch watch = await _client.WatchAsync(new(KeyRange.Prefix("/life/")) { StartRevision = put.Header.Revision + 1 }))
        {
            var changes = (Twill.Etcd.Watch.WatchStep.Changes)await Watching.UntilAsync(watch, s => s is Twill.Etcd.Watch.WatchStep.Changes);
            Assert.Equal((true, "/life/dropped"), (changes.Events[0].IsDelete, changes.Events[0].Entry.KeyText));
        }

        Assert.False(keeping.IsCompleted);
        Assert.True((await _client.ReadLeaseAsync(kept.Id)).TtlSeconds >= 0);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => keeping);
    }

    [Fact]
    public async Task Status_AndMembers_AreThoseOfEtcdctl()
    {
        MemberStatus status = await _client.ReadStatusAsync(_etcd.Endpoints[0]);
        Assert.Equal(status.Header.MemberId, status.Leader);
        Assert.Contains(status.Version, _etcd.Ctl(0, "endpoint", "status"), StringComparison.Ordinal);
        Member member = Assert.Single(await _client.ListMembersAsync());
        Assert.Equal((status.Header.MemberId, "m0", "http://127.0.0.1:2380", false), (member.Id, member.Name, Assert.Single(member.PeerUrls), member.IsLearner));
    }

    [Fact]
    public async Task Refusals_SayCallEndpointNumberAndEtcdsWords()
    {
        EtcdException empty = await Assert.ThrowsAsync<EtcdException>(() => _client.PutAsync(new EtcdOperation.Put("", "x")));
        Assert.Equal((GrpcStatus.InvalidArgument, false), (empty.Status, empty.MayHaveHappened));
        Assert.Equal("etcd: KV/Put at 127.0.0.1:2379 failed: InvalidArgument (3) \"etcdserver: key is not provided\"", empty.Message);

        EtcdException future = await Assert.ThrowsAsync<EtcdException>(() => _client.RangeAsync(new EtcdOperation.Range(KeyRange.Of("/a")) { Revision = 1_000_000 }));
        Assert.Equal(GrpcStatus.OutOfRange, future.Status);
        Assert.False(future.IsCompacted);

        EtcdException big = await Assert.ThrowsAsync<EtcdException>(() => _client.PutAsync(new EtcdOperation.Put("/big", new byte[3_000_000])));
        Assert.Equal(GrpcStatus.ResourceExhausted, big.Status);

        using var small = new EtcdClient(_etcd.Options with { MaxMessageBytes = 100 });
        await _client.PutAsync(new EtcdOperation.Put("/long", new byte[200]));
        EtcdException tooLong = await Assert.ThrowsAsync<EtcdException>(() => small.RangeAsync(new EtcdOperation.Range(KeyRange.Of("/long"))));
        Assert.Contains("at most 100 are taken in", tooLong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NobodyThere_IsTransientAndSurelyNotDone()
    {
        using var client = new EtcdClient(_etcd.Options with { Endpoints = [new Uri("http://127.0.0.1:1"), new Uri("http://127.0.0.1:2")], CallTimeout = TimeSpan.FromMilliseconds(300) });
        EtcdException e = await Assert.ThrowsAsync<EtcdException>(() => client.PutAsync(new EtcdOperation.Put("/a", "b")));
        Assert.Equal((GrpcStatus.Unavailable, false), (e.Status, e.MayHaveHappened));
        Assert.Contains("ConnectionRefused (111)", e.Message, StringComparison.Ordinal);

        // One dead endpoint before a living one costs nothing but the attempt, for writes too.
        using var second = new EtcdClient(_etcd.Options with { Endpoints = [new Uri("http://127.0.0.1:1"), _etcd.Endpoints[0]] });
        await second.PutAsync(new EtcdOperation.Put("/second", "b"));
    }

    [Fact]
    public async Task Endpoint_OfIPv6_Serves()
    {
        using var client = new EtcdClient(_etcd.Options with { Endpoints = [new Uri("http://[::1]:2379")] });
        Assert.Single(await client.ListMembersAsync());
    }

    [Fact]
    public async Task Calls_ManyAtOnce_ShareOneConnection()
    {
        using var client = _etcd.Client();
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => client.PutAsync(new EtcdOperation.Put($"/many/{i}", "x"))));
        Assert.Equal(300, (await client.RangeAsync(new EtcdOperation.Range(KeyRange.Prefix("/many/")) { CountOnly = true })).Count);
    }
}
