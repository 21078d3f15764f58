using System.Security.Cryptography.X509Certificates;
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
