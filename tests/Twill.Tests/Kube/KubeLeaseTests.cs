using Twill.Kube;
using Twill.Tests.Kube.Server;
using Xunit;

namespace Twill.Tests.Kube;

/// <summary>Leases: of two writers from one version one wins.</summary>
public sealed class KubeLeaseTests
{
    [Fact]
    public async Task Lease_CreatedTakenAndRenewed_KeepsItsFieldsAndRefusesTheSecondWriter()
    {
        await using var server = new FakeApiServer(new FakeApi());
        using var client = InformerTests.Client(server, 1);
        var resource = KubeLease.Resource("kube-system");
        Assert.Null(await client.GetAsync(resource, "kube-system", "twill"));
        var at = new DateTimeOffset(2026, 11, 21, 1, 2, 3, 456, 789, TimeSpan.Zero);
        var lease = new KubeLease { Namespace = "kube-system", Name = "twill", Holder = "node1", Duration = TimeSpan.FromSeconds(15), AcquireTime = at, RenewTime = at };
        var made = (await client.TryCreateAsync(lease))!.Value;
        Assert.Equal(("kube-system/twill", lease), (made.Key, made.Value));
        Assert.Null(await client.TryCreateAsync(lease with { Holder = "node2" }));
        var seen = (await client.GetAsync(resource, "kube-system", "twill"))!.Value;
        Assert.Equal(made, seen);

        var renewed = (await client.TryUpdateAsync(seen.Value with { RenewTime = at.AddSeconds(5) }, seen.Version))!.Value;
        Assert.True(renewed.Version > seen.Version);
        // The second writer begins from what it saw before the first one wrote.
        Assert.Null(await client.TryUpdateAsync(seen.Value with { Holder = "node2", Transitions = 1 }, seen.Version));
        Assert.Equal("node1", (await client.GetAsync(resource, "kube-system", "twill"))!.Value.Value.Holder);
    }

    [Fact]
    public async Task Lease_ManyWritersAtOnce_OneWinsEachRound()
    {
        await using var server = new FakeApiServer(new FakeApi());
        using var client = InformerTests.Client(server, 1);
        var lease = new KubeLease { Namespace = "n", Name = "l" };
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => client.TryCreateAsync(lease with { Holder = $"h{i}" })));
        var winner = Assert.Single(made, m => m is not null)!.Value;
        for (var round = 0; round < 5; round++)
        {
            var written = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => client.TryUpdateAsync(lease with { Holder = $"r{round}-{i}" }, winner.Version)));
            winner = Assert.Single(written, w => w is not null)!.Value;
            Assert.Equal(winner, (await client.GetAsync(KubeLease.Resource("n"), "n", "l"))!.Value);
        }
    }

    [Fact]
    public async Task Lease_Gone_SaysSo()
    {
        await using var server = new FakeApiServer(new FakeApi());
        using var client = InformerTests.Client(server, 1);
        var e = await Assert.ThrowsAsync<KubeException>(() => client.TryUpdateAsync(new KubeLease { Namespace = "n", Name = "l" }, 5));
        Assert.Equal(KubeFault.NotFound, e.Fault);
        Assert.StartsWith($"cannot patch leases n/l at http://127.0.0.1:{server.Port}: 404 NotFound \"not found\"", e.Message);
    }
}
