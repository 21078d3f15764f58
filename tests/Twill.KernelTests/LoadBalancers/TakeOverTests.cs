using Twill.KernelTests.Agent;
using Twill.KernelTests.Callers;
using Twill.KernelTests.Fabric;
using Twill.KernelTests.Harness;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Xunit;

namespace Twill.KernelTests.LoadBalancers;

/// <summary>Real agents and a real etcd: exactly one announces an address, and when it is killed another does within two seconds.</summary>
[Collection(KernelCollection.Name)]
public sealed class TakeOverTests : IClassFixture<LeakCheck>
{
    private const string Endpoint = "192.168.1.1:2379", Address = "192.168.1.200", AddressV6 = "fd00:192:168:1::c8";

    [Fact]
    public void Address_ItsNodeIsKilled_AnswersFromAnother_AndNeverFromTwo()
    {
        Requirement.Need("etcd", "etcd", "etcdctl");
        string folder = Path.Combine(Artifacts.Scratch, "load-balancers");
        Directory.CreateDirectory(folder);
        using var net = new FabricNet(1, 1, 1);
        int etcd = AgentEtcdTests.StartEtcd(net.RouterNamespace, folder);
        AgentNode[] nodes = [.. net.Nodes.Select(n => new AgentNode(n, folder, "--source", $"etcd://{Endpoint}", "--cluster-cidr", "10.244.0.0/16", "--device", "eth0", "--load-balancer-pool", "192.168.1.192/27", "--load-balancer-pool", "fd00:192:168:1::c0/124"))];
        try
        {
            foreach (AgentNode node in nodes) node.Start();
            foreach (AgentNode node in nodes) node.AwaitReady();
            Put(net.RouterNamespace, $$"""{"name":"web","loadBalancerAddresses":["{{Address}}","{{AddressV6}}","192.168.1.99"],"ports":[{"port":80}]}""");
            foreach (string address in (string[])[Address, AddressV6])
            {
                IpAddress ip = IpAddress.Parse(address);
                using var watch = new HolderWatch([.. net.Nodes.Select(n => n.Namespace)], ip);
                Assert.True(SpinWait.SpinUntil(() => watch.Holder >= 0, 10_000), $"nobody announces {address}: {nodes[0].Log}");
                using var ping = new PingGaps(net.RouterNamespace, ip);
                Assert.True(SpinWait.SpinUntil(() => ping.Answers > 20, 5000), $"{address} does not answer");
                int first = watch.Holder;
                MacAddress mac = MacOf(net, first);
                nodes[first].Stop();
                Assert.True(SpinWait.SpinUntil(() => watch.Holder >= 0 && watch.Holder != first, 10_000), $"nobody took {address} over");
                int answers = ping.Answers;
                Assert.True(SpinWait.SpinUntil(() => ping.Answers > answers + 20, 5000));
                TestContext.Current.TestOutputHelper?.WriteLine($"{address}: node{first + 1} killed, node{watch.Holder + 1} answers; longest silence {ping.LongestGapMs:f0} ms");

                Assert.Equal("", watch.Problem);
                Assert.NotEqual(mac, MacOf(net, watch.Holder));
                using RouteSocket router = RouteSocket.Open(net.RouterNamespace);
                Assert.Equal(MacOf(net, watch.Holder), router.Neighbours(router.GetLink("lan1").Index).Find(n => n.Address == ip)?.Mac);
                nodes[first].Start().AwaitReady();
            }

            // Not in a pool, so nobody's.
            foreach (FabricNode node in net.Nodes) Assert.DoesNotContain(node.Host.Addresses(), a => a.Address.Address == IpAddress.Parse("192.168.1.99"));

            // Nobody wants it any more: it is given back, not only left to lapse.
            using var rest = new HolderWatch([.. net.Nodes.Select(n => n.Namespace)], IpAddress.Parse(Address));
            Assert.True(SpinWait.SpinUntil(() => rest.Holder >= 0, 5000));

            // Put up again five times a second, and no reason for the keeper of routes to look at anything.
            AgentNode holder = nodes[rest.Holder];
            long passes = Passes(holder);
            SpinWait.SpinUntil(() => false, 1000);
            Assert.InRange(Passes(holder) - passes, 0, 2);
            Delete(net.RouterNamespace);
            Assert.True(SpinWait.SpinUntil(() => rest.Holder < 0, 5000));
            Assert.Equal("", Ctl(net.RouterNamespace, ["get", "--print-value-only", $"/twill/v1/load-balancers/{Address}"]).Trim());
        }
        finally
        {
            foreach (AgentNode node in nodes) node.Dispose();
            AgentEtcdTests.Kill(etcd);
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A service that wants an address gets it. Without etcd nobody may go on: what was announced lapses, and is back when etcd is.</summary>
    [Fact]
    public void Address_EtcdIsAway_IsNobodys_UntilItIsBack()
    {
        Requirement.Need("etcd", "etcd", "etcdctl");
        string folder = Path.Combine(Artifacts.Scratch, "load-balancers-away");
        Directory.CreateDirectory(folder);
        using var net = new FabricNet(1, 1);
        int etcd = AgentEtcdTests.StartEtcd(net.RouterNamespace, folder);
        AgentNode[] nodes = [.. net.Nodes.Select(n => new AgentNode(n, folder, "--source", $"etcd://{Endpoint}", "--cluster-cidr", "10.244.0.0/16", "--device", "eth0", "--load-balancer-pool", "192.168.1.192/27"))];
        try
        {
            foreach (AgentNode node in nodes) node.Start();
            foreach (AgentNode node in nodes) node.AwaitReady();
            Put(net.RouterNamespace, $$"""{"name":"web","loadBalancer":["{{Address}}"],"ports":[{"port":80}]}"""); // wished, and given by one of the agents
            using var watch = new HolderWatch([.. net.Nodes.Select(n => n.Namespace)], IpAddress.Parse(Address));
            Assert.True(SpinWait.SpinUntil(() => watch.Holder >= 0, 10_000));
            AgentEtcdTests.Kill(etcd);
            Assert.True(SpinWait.SpinUntil(() => watch.Holder < 0, 5000));
            etcd = AgentEtcdTests.StartEtcd(net.RouterNamespace, folder);
            Assert.True(SpinWait.SpinUntil(() => watch.Holder >= 0, 20_000));
            Assert.Equal("", watch.Problem);
        }
        finally
        {
            foreach (AgentNode node in nodes) node.Dispose();
            AgentEtcdTests.Kill(etcd);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static long Passes(AgentNode node) => node.Status().GetProperty("counters").GetProperty("passes").GetInt64();

    private static MacAddress MacOf(FabricNet net, int node) => net.Nodes[node].Host.GetLink("eth0").Mac!.Value;

    private static void Put(NetworkNamespace network, string service) => Ctl(network, ["put", "/twill/v1/services/default/web", service]);

    private static void Delete(NetworkNamespace network) => Ctl(network, ["del", "/twill/v1/services/default/web"]);

    private static string Ctl(NetworkNamespace network, string[] words) => Command.RunIn(network, "/usr/bin/env", ["ETCDCTL_API=3", "etcdctl", $"--endpoints=http://{Endpoint}", .. words]).Succeeded();
}
