using System.Diagnostics;
using System.Globalization;
using System.Text;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Bench;

/// <summary>
/// Takes away what the agent of a lab's node1 keeps, one thing at a time, and looks how long it is gone. Started by bench/repair inside a lab of three
/// nodes in mode auto: a route to node2, a tunnel to node3. Prints a page, asserts nothing.
/// </summary>
internal sealed class RepairBench : IDisposable
{
    private const int PatienceMs = 20_000;

    /// <summary>Of one object in the life of an agent: after five it takes its time, as that is a fight, and some of these take others with them.</summary>
    private const int RoundsOfOneAgent = 2;

    private const string Bridge = "v-net-0", Tunnel = VxlanSettings.DefaultDevice, Node = "node1";

    private static readonly string[] s_environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"];

    private readonly NetworkNamespace _node = NetworkNamespace.Open($"/run/netns/{Node}");
    private readonly RouteSocket _host;
    private readonly string _twill = Path.GetFullPath("artifacts/twill");
    private readonly List<Fault> _faults;

    private RepairBench()
    {
        _host = RouteSocket.Open(_node);
        _faults = [.. Faults()];
    }

    /// <param name="Name">What is taken away.</param>
    /// <param name="BarMs">The 99th percentile that is promised; 0: none.</param>
    /// <param name="Rounds">Part of the rounds in which it happens; what takes long happens less often.</param>
    private sealed record Fault(string Name, int BarMs, Action Break, Func<bool> IsWhole, int Rounds = 1)
    {
        internal List<double> Ms { get; } = [];
    }

    internal static int Run(int batches)
    {
        using var bench = new RepairBench();
        for (int i = 0; i < batches; i++)
        {
            bench.Lab("kill-agent", Node);
            bench.Lab("up");
            for (int round = 0; round < RoundsOfOneAgent; round++)
            {
                foreach (Fault fault in bench._faults) bench.Measure(fault, (i * RoundsOfOneAgent) + round);
            }
        }

        bench.Print();
        return 0;
    }

    public void Dispose()
    {
        _host.Dispose();
        _node.Dispose();
    }

    private IEnumerable<Fault> Faults()
    {
        IpPrefix near = IpPrefix.Parse("10.244.2.0/24"), gateway = IpPrefix.Parse("10.244.1.1/24");
        yield return new Fault("route to a near node", 200, () => _host.RemoveRoute(new RouteSpec { Destination = near }), () => Routes().Exists(r => r.Destination == near));
        yield return new Fault("route into the tunnel", 200, () => _host.RemoveRoute(FarRoute()), () => Routes().Exists(r => r.Dev == TunnelIndex()));
        yield return new Fault("tunnel neighbour", 200, () => _host.RemoveNeighbour(TunnelIndex(), Neighbours()[0].Address!.Value), () => Neighbours().Count > 0);
        yield return new Fault("forwarding entry", 200, () => Sh($"bridge fdb show dev {Tunnel} | grep -v permanent.*self.*permanent | head -n 1 | while read mac rest; do bridge fdb del $mac dev {Tunnel}; done"), () => _host.Fdb(TunnelIndex()).Count > 0);
        yield return new Fault("tunnel device", 500, () => _host.RemoveLink(Tunnel), () => _host.TryGetIndex(Tunnel, out IfIndex index) && Routes().Exists(r => r.Dev == index) && _host.Fdb(index).Count > 0);
        yield return new Fault("address of the bridge", 200, () => _host.RemoveAddress(_host.GetLink(Bridge).Index, gateway), () => _host.Addresses(_host.GetLink(Bridge).Index).Exists(a => a.Address == gateway));
        yield return new Fault("all of nftables (flush ruleset)", 500, () => Sh("nft flush ruleset"), () => Sh($"nft list chain inet {NodeTable.Table.Name} guard"));
        yield return new Fault("forwarding switched off", 500, () => Forwarding("0"), () => Forwarding(null) == "1");
        yield return new Fault("bridge with its 250 pods", 2000, () => _host.RemoveLink(Bridge), IsBridgeWhole, Rounds: 4);
    }

    private List<Route> Routes() => _host.Routes(new RouteFilter(Protocol: ClusterPlan.TwillRouteProtocol));

    private IfIndex TunnelIndex() => _host.TryGetIndex(Tunnel, out IfIndex index) ? index : default;

    private List<Neighbour> Neighbours() => [.. _host.Neighbours(TunnelIndex()).Where(n => n.State.HasFlag(NeighbourState.Permanent) && n.Address is not null)];

    private RouteSpec FarRoute() => new() { Destination = Routes().First(r => r.Dev == TunnelIndex()).Destination };

    private bool IsBridgeWhole()
    {
        if (!_host.TryGetIndex(Bridge, out IfIndex bridge) || !_host.Addresses(bridge).Exists(a => !a.Address.IsV6)) return false;
        return _host.Links(new LinkFilter { Master = bridge }).Count >= 250;
    }

    private string Forwarding(string? set) => _node.Run(() =>
    {
        const string path = "/proc/sys/net/ipv4/ip_forward";
        if (set is not null) File.WriteAllText(path, set);
        return File.ReadAllText(path).Trim();
    });

    private bool Sh(string script) => _node.Run(() => ChildProcess.Run("/bin/sh", ["-c", script], s_environment, [], PatienceMs)).ExitCode == 0;

    private void Lab(params string[] words)
    {
        ChildProcess.Outcome outcome = ChildProcess.Run(_twill, ["lab", .. words], s_environment, [], 60_000);
        if (outcome.ExitCode != 0) throw new BenchException($"twill lab {string.Join(' ', words)}: {Encoding.UTF8.GetString(outcome.Error)}");
    }

    private void Measure(Fault fault, int round)
    {
        if (round % fault.Rounds != 0) return;
        long start = Stopwatch.GetTimestamp();
        fault.Break();
        // What a program breaks is broken when the program says so; netlink's answer comes after the change.
        while (!fault.IsWhole())
        {
            if (Stopwatch.GetElapsedTime(start).TotalMilliseconds > PatienceMs) throw new BenchException($"{fault.Name}: not back after {PatienceMs / 1000} s");
        }

        double ms = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        fault.Ms.Add(ms);
        if (ms > fault.BarMs) Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round}: {fault.Name}: {ms:0} ms"));
    }

    private void Print()
    {
        Machine machine = Machine.Look();
        Console.WriteLine("# Until it is whole again\n");
        Console.WriteLine("<!-- Written by bench/repair; edits are lost. -->\n");
        Console.WriteLine("A lab of three nodes with real agents, 250 pods on each, backend `auto`. One thing at a time is taken away from node1; the clock runs from just before until the kernel has it");
        Console.WriteLine("again, the taking away itself included (where a program does it, that is most of the time). A new agent every few rounds, since one that repairs the same thing often waits on purpose.\n");
        Console.WriteLine($"- {TimeProvider.System.GetUtcNow().ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}; {machine.Cpu}, {machine.Cpus} CPUs, kernel {machine.Kernel}; load average: {Machine.Load()}\n");
        Console.WriteLine("| taken away | rounds | p50 ms | p99 ms | worst ms | promised p99 |");
        Console.WriteLine("|---|---:|---:|---:|---:|---|");
        foreach (Fault fault in _faults)
        {
            fault.Ms.Sort();
            double p99 = At(fault.Ms, 0.99);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {fault.Name} | {fault.Ms.Count} | {At(fault.Ms, 0.5):0.0} | {p99:0.0} | {fault.Ms[^1]:0.0} | {fault.BarMs} ms: {(p99 <= fault.BarMs ? "met" : "not met")} |"));
        }
    }

    private static double At(List<double> sorted, double part) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))];
}
