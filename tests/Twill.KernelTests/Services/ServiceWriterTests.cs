using System.Diagnostics;
using Twill.Fabric.Services.Apply;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;
using Twill.KernelTests.Nftables;
using Twill.Linux.Netlink;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Xunit;

namespace Twill.KernelTests.Services;

[Collection(KernelCollection.Name)]
public sealed class ServiceWriterTests(ITestOutputHelper output) : IClassFixture<LeakCheck>
{
    [Fact]
    public void Write_EveryKind_IsTakenAndReadBackTheSame()
    {
        using var sandbox = new NftSandbox();
        using var writer = new ServiceWriter(sandbox.Namespace);
        ServiceSnapshot snapshot = EveryKind();
        Assert.False(writer.Write(snapshot).IsEmpty);
        using var second = new ServiceWriter(sandbox.Namespace);
        ServiceDifference again = second.Write(snapshot);
        Assert.True(again.IsEmpty, $"{again.Count} {string.Join(',', again.NewChains)} {string.Join(',', again.OldChains)}");
        Assert.Equal((0, 0, 0u), second.LastWritten);
        Assert.True(writer.Remove());
        Assert.False(writer.Remove());
    }

    [Fact]
    public void Write_OneEndpointOfMany_WritesAFewElements_AndStaysSoAfterRestart()
    {
        using var sandbox = new NftSandbox();
        using var writer = new ServiceWriter(sandbox.Namespace);
        var node = new ServiceNode { Name = "n1" };
        ServiceDescription[] services = Many(10_000, 10);
        long start = Stopwatch.GetTimestamp();
        writer.Write(new ServiceSnapshot(node, services));
        output.WriteLine($"first: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:f0} ms, {writer.LastWritten}");
        services = [.. services];
        EndpointDescription gone = services[77].Endpoints[3];
        services[77] = services[77] with { Endpoints = [.. services[77].Endpoints.Where(e => e != gone)] };
        start = Stopwatch.GetTimestamp();
        ServiceDifference difference = writer.Write(new ServiceSnapshot(node, services));
        output.WriteLine($"one of 100,000: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:f1} ms, {writer.LastWritten}");
        Assert.Equal(1, writer.Plan!.Compiled);
        Assert.True(difference.Count is (Removed: <= 3, Added: <= 2), $"{difference.Count}");
        Assert.True(writer.LastWritten.Bytes < 3000, $"{writer.LastWritten}");
        using var second = new ServiceWriter(sandbox.Namespace);
        start = Stopwatch.GetTimestamp();
        Assert.True(second.Write(new ServiceSnapshot(node, services)).IsEmpty);
        output.WriteLine($"read: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:f0} ms");
    }

    /// <summary>Where there is no table it is filled by several transactions, and a service is in one of them; where there is one, even a broken one, by one.</summary>
    [Fact]
    public void Write_WhereThereIsNoTable_IsDoneInPortionsOfWholeServices()
    {
        using var sandbox = new NftSandbox();
        using var writer = new ServiceWriter(sandbox.Namespace);
        var snapshot = new ServiceSnapshot(new ServiceNode { Name = "n1" }, Many(1500, 6));
        List<List<string>> transactions = Watched(sandbox, () => writer.Write(snapshot));
        Assert.Equal(writer.LastWritten.Transactions, (uint)transactions.Count);
        Assert.InRange(transactions.Count, 3, 10);
        Assert.All(transactions, t => Assert.InRange(t.Count, 0, 5000));
        string[] services = [.. transactions.SelectMany(t => t.Distinct())];
        Assert.Equal(1500, services.Length);
        Assert.Equal(services.Length, services.Distinct().Count());
        using var second = new ServiceWriter(sandbox.Namespace);
        Assert.True(second.Write(snapshot).IsEmpty);

        // The table is there, and not as it should be: what it still does it goes on doing until all is exchanged at once.
        sandbox.Nft("add", "chain", "inet", "twill-services", "not-ours");
        second.Doubt();
        Assert.Single(Watched(sandbox, () => second.Write(snapshot)));

        List<List<string>> Watched(NftSandbox box, Action what)
        {
            using NftMonitor monitor = NftMonitor.OpenChanges(box.Namespace);
            what();
            var events = new List<NftEvent>();
            var all = new List<List<string>>();
            var now = new List<string>();
            while (monitor.Wait(200, events) == MonitorEvent.Received)
            {
                foreach (NftEvent change in events)
                {
                    if (change is NftElementEvent { Removed: false } some) now.AddRange(some.Elements.Where(e => e.Key.Span.Length >= 12).Select(e => Convert.ToHexString(e.Key.Span[..4])));
                    if (change is not NftGenerationEvent) continue;
                    all.Add(now);
                    now = [];
                }

                events.Clear();
            }

            return all;
        }
    }

    internal static ServiceDescription[] Many(int count, int endpoints) =>
    [
        .. Enumerable.Range(0, count).Select(i => new ServiceDescription
        {
            Namespace = "default",
            Name = $"s{i}",
            ClusterIps = [IpAddress.V4(0x0a600000u + 10 + (uint)i)],
            Ports = [new ServicePort("", ServiceProtocol.Tcp, 80)],
            Endpoints = [.. Enumerable.Range(0, endpoints).Select(e => new EndpointDescription { Address = IpAddress.V4(0x0af40000u + (uint)((i * endpoints) + e)), Ports = new Dictionary<string, ushort> { [""] = 8080 } })],
        }),
    ];

    internal static ServiceSnapshot EveryKind()
    {
        static EndpointDescription At(string address, string node = "n1") => new() { Address = IpAddress.Parse(address), Ports = new Dictionary<string, ushort> { [""] = 8080 }, Node = node };
        EndpointDescription[] three = [At("10.244.1.2"), At("10.244.1.3"), At("10.244.2.2", "n2"), At("fd00:1::2"), At("fd00:2::2", "n2")];
        var basis = new ServiceDescription { Namespace = "default", Name = "web", ClusterIps = [IpAddress.Parse("10.96.0.1"), IpAddress.Parse("fd00:96::1")], Ports = [new ServicePort("", ServiceProtocol.Tcp, 80, 30080)], Endpoints = three };
        static IpAddress[] Ips(int n) => [IpAddress.Parse($"10.96.0.{n}"), IpAddress.Parse($"fd00:96::{n}")];
        ServicePort[] Port(ServiceProtocol protocol, ushort nodePort = 0) => [new ServicePort("", protocol, 80, nodePort)];
        return new ServiceSnapshot(new ServiceNode { Name = "n1", NodePortAddresses = [IpAddress.Parse("192.0.2.1"), IpAddress.Parse("2001:db8::1")], PodBlocks = [IpPrefix.Parse("10.244.1.0/24"), IpPrefix.Parse("fd00:1::/64")] },
        [
            basis,
            basis with { Name = "dns", ClusterIps = Ips(2), Ports = Port(ServiceProtocol.Udp) },
            basis with { Name = "sticky", ClusterIps = Ips(3), Ports = Port(ServiceProtocol.Tcp), AffinitySeconds = 10800 },
            basis with { Name = "maglev", ClusterIps = Ips(4), Ports = Port(ServiceProtocol.Tcp), Spread = Spread.Maglev },
            basis with { Name = "empty", ClusterIps = Ips(5), Ports = Port(ServiceProtocol.Tcp), Endpoints = [] },
            basis with { Name = "local", ClusterIps = Ips(6), Ports = Port(ServiceProtocol.Tcp, 30086), ExternalPolicy = TrafficPolicy.Local, LoadBalancerIps = [IpAddress.Parse("203.0.113.6"), IpAddress.Parse("2001:db8:6::6")], SourceRanges = [IpPrefix.Parse("198.51.100.0/24"), IpPrefix.Parse("2001:db8:5::/48")] },
            basis with { Name = "sctp", ClusterIps = Ips(7), Ports = Port(ServiceProtocol.Sctp), ExternalIps = [IpAddress.Parse("203.0.113.7")] },
            basis with { Name = "sticky-local", ClusterIps = Ips(8), Ports = Port(ServiceProtocol.Tcp, 30088), AffinitySeconds = 10, ExternalPolicy = TrafficPolicy.Local },
            basis with { Name = "far", ClusterIps = Ips(9), Ports = Port(ServiceProtocol.Tcp), InternalPolicy = TrafficPolicy.Local, Endpoints = [At("10.244.2.2", "n2"), At("fd00:2::2", "n2")] },
        ]);
    }
}
