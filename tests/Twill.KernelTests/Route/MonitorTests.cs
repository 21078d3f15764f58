using System.Text;
using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Tc;
using Xunit;

namespace Twill.KernelTests.Route;

[Collection(KernelCollection.Name)]
public sealed class MonitorTests : IClassFixture<LeakCheck>, IDisposable
{
    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    [Fact]
    public void Monitor_EveryGroup_HearsItsChanges()
    {
        using NetlinkMonitor monitor = RouteMonitor.Open(RouteGroups.All, _box.HostNamespace);
        var reader = new RouteEventReader<Log>(new Log([]));
        VethPair pair = _box.Wire();
        _box.Host.TryAddRoute(new RouteSpec { Destination = IpPrefix.Parse("10.5.0.0/16"), Gateway = IpAddress.Parse("10.0.0.2") });
        _box.Host.TryAddNeighbour(new NeighbourSpec { Dev = pair.Index, Address = IpAddress.Parse("10.0.0.5"), Mac = new MacAddress(0x020000000001) });
        _box.Host.TryAddRule(new RuleSpec { Priority = 900, Mark = 1, Table = new RouteTable(99) });
        _box.Host.TryAddTbf(new TbfSpec { Dev = pair.Index, RateBytesPerSecond = 1_000_000, BurstBytes = 20_000, LatencyUs = 1000 });
        _box.Host.RemoveRule(new RuleSpec { Priority = 900 });
        _box.Host.RemoveLink(pair.Index);
        string[] expected =
        [
            "+link v0", "+addr 10.0.0.1/24", "+route 10.5.0.0/16", "+neigh 10.0.0.5", "+rule 900", "+qdisc tbf",
            "-rule 900", "-addr 10.0.0.1/24", "-link v0",
        ];
        // What goes with its link goes in silence: IPv4 routes, qdiscs. Whoever keeps a list of them must drop theirs at "-link".
        while (!reader.Events.Lines.Contains("-link v0") && monitor.Wait(5000, ref reader) == MonitorEvent.Received)
        {
        }

        Assert.True(!expected.Except(reader.Events.Lines).Any(), string.Join("\n", reader.Events.Lines));
    }

    [Fact]
    public void Monitor_BufferTooSmall_ReportsTheOverrun()
    {
        using NetlinkMonitor monitor = RouteMonitor.Open(RouteGroups.Links, _box.HostNamespace, receiveBufferBytes: 4096);
        for (int i = 0; i < 20; i++)
        {
            _box.Host.CreateVeth(new VethSpec { Name = "v" + i, PeerName = "p" + i, Group = 3 });
        }

        var reader = new RouteEventReader<Log>(new Log([]));
        MonitorEvent last = MonitorEvent.Received;
        for (int i = 0; i < 1000 && last == MonitorEvent.Received; i++) last = monitor.Wait(0, ref reader);
        Assert.Equal(MonitorEvent.Overrun, last);

        // After it the monitor goes on.
        while (monitor.Wait(0, ref reader) == MonitorEvent.Received)
        {
        }

        _box.Host.SetUp("v0");
        Assert.Equal(MonitorEvent.Received, monitor.Wait(5000, ref reader));
    }

    private readonly struct Log(List<string> lines) : IRouteEvents
    {
        internal List<string> Lines { get; } = lines;

        public void OnLink(in LinkView link, bool removed) => Add(removed, $"link {Encoding.UTF8.GetString(link.Name)}");

        public void OnAddress(in AddressView address, bool removed) => Add(removed, $"addr {address.Address}");

        public void OnRoute(in RouteView route, bool removed) => Add(removed, $"route {route.Destination}");

        public void OnNeighbour(in NeighbourView neighbour, bool removed) => Add(removed, $"neigh {neighbour.Address}");

        public void OnRule(in RuleView rule, bool removed) => Add(removed, $"rule {rule.Priority}");

        public void OnQdisc(in QdiscView qdisc, bool removed) => Add(removed, $"qdisc {Encoding.UTF8.GetString(qdisc.Kind)}");

        private void Add(bool removed, string line) => Lines.Add((removed ? "-" : "+") + line);
    }
}
