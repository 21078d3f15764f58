using System.Security.Cryptography.X509Certificates;
using Twill.Agent.Registry;
using Twill.Etcd;
using Twill.Etcd.Watch;
using Xunit;

namespace Twill.KernelTests.Etcd;

/// <summary>TLS both ways, with certificates of this test; and what becomes of the wrong ones. Leaves no socket and no thread behind.</summary>
[Collection(KernelCollection.Name)]
public sealed class TlsTests(LeakCheck leaks) : IClassFixture<LeakCheck>
{
    private readonly LeakCheck _leaks = leaks;

    [Fact]
    public async Task Tls_WithTheRightCertificates_Serves_AndWithWrongOnesSaysWhichSideRefuses()
    {
        Assert.NotNull(_leaks);
        using var authority = new TestAuthority();
        using var stranger = new TestAuthority("somebody else");
        using var etcd = new EtcdCluster(1, authority);
        using (EtcdClient client = etcd.Client())
        {
            EtcdResult.Put put = await client.PutAsync(new EtcdOperation.Put("/tls/a", "x"));
            await using EtcdWatch watch = await client.WatchAsync(new WatchRequest(KeyRange.Prefix("/tls/")) { StartRevision = put.Header.Revision });
            Assert.IsType<WatchStep.Changes>(await watch.NextAsync());
        }

        EtcdOptions quick = etcd.Options with { CallTimeout = TimeSpan.FromMilliseconds(200) };
        EtcdException unknownServer = await RefusedAsync(quick with { Authorities = new X509Certificate2Collection(stranger.Certificate) });
        Assert.False(unknownServer.MayHaveHappened);
        Assert.Contains("certificate", unknownServer.Words, StringComparison.Ordinal);
        Assert.Contains("which authority signed it", unknownServer.Message, StringComparison.Ordinal);

        // With TLS 1.3 the server refuses after the handshake: its alert arrives, or the connection is gone before.
        await RefusedAsync(quick with { ClientCertificate = null });
        await RefusedAsync(quick with { ClientCertificate = stranger.Client });
        EtcdException plain = await RefusedAsync(quick with { Endpoints = [new Uri("http://127.0.0.1:2379")] });
        Assert.True(plain.IsTransient);

        static async Task<EtcdException> RefusedAsync(EtcdOptions options)
        {
            using var client = new EtcdClient(options);
            EtcdException e = await Assert.ThrowsAsync<EtcdException>(() => client.PutAsync(new EtcdOperation.Put("/tls/b", "x")));
            Assert.True(e.Status is GrpcStatus.Unavailable, e.Message);
            return e;
        }
    }

    /// <summary>The commands are those of docs/etcd.md; the user is the certificate's common name.</summary>
    [Fact]
    public async Task Roles_ForTheRegistrysPrefix_AllowAJoinAndNothingElse()
    {
        using var authority = new TestAuthority();
        using var etcd = new EtcdCluster(1, authority);
        foreach (string words in (string[])["role add twill", "role grant-permission twill --prefix=true readwrite /twill/v1/", "user add node --no-password", "user grant-role node twill", "user add root --no-password", "user grant-role root root", "auth enable"])
        {
            etcd.Ctl(0, words.Split(' '));
        }

        using EtcdClient client = etcd.Client();
        var registry = new NodeRegistry(client);
        await registry.EnsureNetworkAsync(Nodes.Network("10.244.0.0/16 24"));
        await registry.JoinAsync(Nodes.Claim("a", "192.168.1.11/24"));
        await using NodeFollower follower = registry.Follow();
        Assert.Single(Assert.IsType<NodeStep.Snapshot>(await follower.NextAsync(default)).Nodes);

        EtcdException put = await Assert.ThrowsAsync<EtcdException>(() => client.PutAsync(new EtcdOperation.Put("/other", "x")));
        EtcdException watch = await Assert.ThrowsAsync<EtcdException>(() => client.WatchAsync(new WatchRequest(KeyRange.Of("/other"))));
        Assert.All([put, watch], e => Assert.Equal((GrpcStatus.PermissionDenied, false), (e.Status, e.IsTransient)));
        Assert.Contains("etcdctl role grant-permission", put.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_WithAWatchAndALeaseUnderWay_EndsBoth()
    {
        using var etcd = new EtcdCluster(1);
        EtcdClient client = etcd.Client();
        Lease lease = await client.GrantLeaseAsync(60);
        Task<LeaseEnd> kept = client.KeepLeaseAsync(lease.Id, CancellationToken.None);
        EtcdWatch watch = await client.WatchAsync(new WatchRequest(KeyRange.Prefix("/")));
        Task<WatchStep> next = watch.NextAsync();
        client.Dispose();
        await Assert.ThrowsAsync<EtcdException>(() => next.WaitAsync(TimeSpan.FromSeconds(5)));
        await watch.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.ListMembersAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => kept.WaitAsync(TimeSpan.FromSeconds(5)));
    }
}
