using Twill.Fabric.Keep;
using Twill.Fabric.LoadBalancers;
using Twill.KernelTests.Harness;
using Twill.Linux.Route;
using Xunit;

namespace Twill.KernelTests.LoadBalancers;

/// <summary>A file knows no agreement: the first node by name announces, and says so.</summary>
public sealed class NoAgreementTests
{
    [Fact]
    public void Address_WithoutAStore_IsTheFirstNodesByName_UntilNobodyWantsIt()
    {
        IpAddress address = IpAddress.Parse("192.0.2.200");
        using var host = new HostNamespace();
        foreach (string name in (string[])["node1", "node2"]) host.Ip($"link add {name} type veth peer name peer-{name}");
        using RouteSocket route = RouteSocket.Open(host.Network);
        var events = new List<KeeperEvent>();
        var threads = new List<Thread>();
        using LoadBalancerKeeper one = Start("node1"), two = Start("node2");
        foreach (LoadBalancerKeeper keeper in (LoadBalancerKeeper[])[one, two]) keeper.Set([new LoadBalancerWish(address, true)], ["node1", "node2"]);
        Assert.True(SpinWait.SpinUntil(() => one.View is [{ Here: true, Holder: "node1" }], 5000));
        Assert.Equal(["node1"], Holders());
        Assert.Equal([new AnnouncedAddress(address, null, false)], two.View);
        lock (events) Assert.Contains(events, e => e.Kind == KeeperEventKind.Applied && e.Text.Contains("192.0.2.200 announced on node1: the first node by name", StringComparison.Ordinal));
        one.Set([], ["node1", "node2"]);
        Assert.True(SpinWait.SpinUntil(() => one.View.Count == 0, 5000));
        Assert.Empty(Holders());

        // An interface that is gone is said once, and is no end.
        route.RemoveLink("node2");
        two.Set([new LoadBalancerWish(address, true)], ["node2"]);
        Assert.True(SpinWait.SpinUntil(() => Failures() > 0, 5000));
        SpinWait.SpinUntil(() => false, 3 * LeaseTimes.LookMs);
        Assert.Equal(1, Failures());
        foreach (LoadBalancerKeeper keeper in (LoadBalancerKeeper[])[one, two]) keeper.Stop();
        foreach (Thread thread in threads) thread.Join();

        string[] Holders() => [.. route.Addresses().Where(a => a.Address.Address == address).Select(a => route.GetLink(a.Dev).Name)];

        int Failures()
        {
            lock (events) return events.Count(e => e.Kind == KeeperEventKind.Failed);
        }

        LoadBalancerKeeper Start(string node)
        {
            var keeper = new LoadBalancerKeeper(node, node, null, Told, host.Network);
            var thread = new Thread(keeper.Run) { IsBackground = true };
            thread.Start();
            threads.Add(thread);
            return keeper;
        }

        void Told(KeeperEvent told)
        {
            lock (events) events.Add(told);
        }
    }
}
