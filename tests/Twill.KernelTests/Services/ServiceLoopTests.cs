using Twill.Fabric.Keep;
using Twill.Fabric.Services.Keep;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;
using Xunit;

namespace Twill.KernelTests.Services;

/// <summary>The loop tells its own transactions from others': it reads the table once, and again only for others.</summary>
[Collection(KernelCollection.Name)]
public sealed class ServiceLoopTests : IClassFixture<LeakCheck>
{
    [Fact]
    public void Loop_OwnWrites_AreNotDoubted_OthersAre()
    {
        using var net = new ServiceNet();
        var events = new List<KeeperEvent>();
        using var loop = new ServiceLoop(new ServiceLoopSettings { Network = net.Node, AuditMs = 200 }, e =>
        {
            lock (events) events.Add(e);
        });
        var thread = new Thread(loop.Run) { IsBackground = true, Name = "any name" };
        thread.Start();
        try
        {
            for (int endpoints = 1; endpoints <= 4; endpoints++)
            {
                // A number of endpoints that no service had: a chain of its own, thus two transactions.
                loop.Set(Snapshot(endpoints));
                Assert.True(SpinWait.SpinUntil(() => Count(KeeperEventKind.Applied) == endpoints, 5000));
                long audits = loop.Counters.Audits;
                Assert.True(SpinWait.SpinUntil(() => loop.Counters.Audits >= audits + 2, 5000)); // heard of it, and looked after it, too
            }

            Assert.Equal((1, 0), (loop.Counters.Looks, loop.Counters.Repairs));
            net.Nft("flush", "map", "inet", "twill-services", "services4");
            Assert.True(SpinWait.SpinUntil(() => Count(KeeperEventKind.Repaired) == 1, 5000));
            lock (events) Assert.Equal("nft", events.First(e => e.Kind == KeeperEventKind.Repaired).By);
            Assert.Equal(2, loop.Counters.Looks);
        }
        finally
        {
            loop.Stop();
            thread.Join();
        }

        int Count(KeeperEventKind kind)
        {
            lock (events) return events.Count(e => e.Kind == kind);
        }
    }

    private static ServiceSnapshot Snapshot(int endpoints) => new(
        new ServiceNode { Name = "n1" },
        [
            new ServiceDescription
            {
                Namespace = "default",
                Name = "web",
                ClusterIps = [IpAddress.Parse("10.96.0.10")],
                Ports = [new ServicePort("", ServiceProtocol.Tcp, 80)],
                Endpoints = [.. Enumerable.Range(2, endpoints).Select(i => new EndpointDescription { Address = IpAddress.Parse($"10.244.1.{i}"), Ports = new Dictionary<string, ushort> { [""] = 8080 } })],
            },
        ]);
}
