using Twill.Agent.LoadBalancers;
using Twill.Fabric.LoadBalancers;
using Twill.Kube;
using Twill.Linux.Route;
using Twill.Tests.Kube;
using Twill.Tests.Kube.Server;
using Xunit;

namespace Twill.Tests.LoadBalancers;

public sealed class KubeLeaseStoreTests
{
    private static readonly IpAddress s_address = IpAddress.Parse("192.168.1.200");

    [Fact]
    public async Task Record_OfALease_IsTakenRenewedGivenBack_AndRefusesTheSecondWriter()
    {
        var server = new FakeApiServer(new FakeApi());
        using KubeClient client = InformerTests.Client(server, 1);
        var store = new KubeLeaseStore(client, "kube-system", new StoppedClock());
        CancellationToken never = TestContext.Current.CancellationToken;
        Assert.Null(await store.ReadAsync(s_address, never));
        LeaseRecord taken = (await store.TryWriteAsync(s_address, "n1", null, never))!;
        Assert.Null(await store.TryWriteAsync(s_address, "n2", null, never));
        Assert.Equal(taken, await store.ReadAsync(s_address, never));

        // A renewal is another version, also where the clock stands.
        LeaseRecord renewed = (await store.TryWriteAsync(s_address, "n1", taken, never))!;
        Assert.Equal("n1", renewed.Holder);
        Assert.True(renewed.Version > taken.Version);
        Assert.Null(await store.TryWriteAsync(s_address, "n2", taken, never));
        Assert.Equal("", (await store.TryWriteAsync(s_address, "", renewed, never))!.Holder);
        Assert.Equal("n2", (await store.TryWriteAsync(s_address, "n2", await store.ReadAsync(s_address, never), never))!.Holder);

        // Gone is lost, not an error: the next look finds nothing and makes it.
        Assert.Null(await store.TryWriteAsync(IpAddress.Parse("2001:db8::"), "n1", new LeaseRecord("n2", 7), never));
        await server.DisposeAsync();
        await Assert.ThrowsAsync<LeaseStoreException>(() => store.ReadAsync(s_address, never));
    }

    [Theory]
    [InlineData("192.168.1.200", "twill-lb-192.168.1.200")]
    [InlineData("2001:db8::", "twill-lb-2001-db8--x")]
    public void Name_OfAnAddress_IsOneThatKubernetesTakes(string address, string name) => Assert.Equal(name, KubeLeaseStore.NameOf(IpAddress.Parse(address)));

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }
}
