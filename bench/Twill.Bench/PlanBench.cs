using System.Diagnostics;
using System.Globalization;
using Twill.Fabric.Keep;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netns;
using Twill.Linux.Route;

namespace Twill.Bench;

/// <summary>How plan, difference and keeper grow with the number of nodes; in a network namespace of its own. Prints, asserts nothing.</summary>
internal static class PlanBench
{
    private const int Rounds = 15, Repairs = 200;

    private static readonly int[] s_sizes = [10, 100, 1000, 5000];

    internal static int Run()
    {
        Console.WriteLine("| backend | nodes | admit ms | plan ms | difference from nothing ms | in sync ms | followed: one more ms | kB allocated by it | keeper: first ms | one more ms | audit ms | route repaired p50 ms | p99 ms |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (string backend in new[] { "direct", "vxlan" })
        {
            foreach (int size in s_sizes) Measure(backend, size);
        }

        return 0;
    }

    private static void Measure(string backend, int size)
    {
        Cluster larger = Make(backend, size + 1), cluster = larger with { Nodes = [.. larger.Nodes.Take(size)] };
        var underlay = new Underlay { Device = "eth0", Addresses = [IpPrefix.Parse("172.16.0.1/12")] };
        NodePlan plan = ClusterPlan.For(cluster, cluster.Nodes[0], underlay);
        NodeState state = plan.ToState();
        double admit = Median(() => Admission.Of(cluster, "node0", underlay, cluster));
        double make = Median(() => ClusterPlan.For(cluster, cluster.Nodes[0], underlay));
        double full = Median(() => plan.Difference(NodeState.Empty)), same = Median(() => plan.Difference(state));
        var planner = new NodePlanner("node0");
        planner.Follow(cluster, underlay);
        bool grown = false;
        Median(Follow);
        long before = GC.GetTotalAllocatedBytes(true);
        double more = Median(Follow);
        double kilobytes = (GC.GetTotalAllocatedBytes(true) - before) / (double)Rounds / (1 << 10);
        (double first, double one, double audit, double p50, double p99) = Keep(cluster, larger);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {backend} | {size} | {admit:0.00} | {make:0.00} | {full:0.00} | {same:0.00} | {more:0.000} | {kilobytes:0} | {first:0} | {one:0.0} | {audit:0.0} | {p50:0.0} | {p99:0.0} |"));

        void Follow()
        {
            grown = !grown;
            PlanStep step = planner.Follow(grown ? larger : cluster, underlay);
            _ = step.Plan.Difference(step.Known!);
        }
    }

    /// <summary>The real loop on a real kernel: from the cluster being set to the last entry written.</summary>
    private static (double First, double OneMore, double Audit, double RepairP50, double RepairP99) Keep(Cluster cluster, Cluster larger)
    {
        using NetworkNamespace network = NetworkNamespace.Create(), other = NetworkNamespace.Create();
        using RouteSocket host = RouteSocket.Open(network), far = RouteSocket.Open(other);
        host.CreateVeth(new VethSpec { Name = "eth0", PeerName = "eth0", PeerNamespace = other, Up = true });
        far.SetUp("eth0");
        host.TryAddAddress(host.GetLink("eth0").Index, IpPrefix.Parse("172.16.0.1/12"));
        using var applied = new SemaphoreSlim(0);
        using var repaired = new SemaphoreSlim(0);
        using var keeper = new NodeKeeper(new KeeperSettings { Node = "node0", Network = network, AuditMs = 3_600_000 }, e =>
        {
            if (e.Kind == KeeperEventKind.Applied) applied.Release();
            if (e.Kind == KeeperEventKind.Repaired) repaired.Release();
        });
        var thread = new Thread(keeper.Run) { IsBackground = true };
        thread.Start();
        double first = Set(cluster);
        Settle(keeper);
        var times = new List<double>();
        for (int i = 0; i < Rounds; i++)
        {
            times.Add(Set(larger));
            Settle(keeper);
            Set(cluster);
            Settle(keeper);
        }

        NodePlan plan = keeper.Plan!;
        var repairs = new List<double>();
        foreach (NodeRoute route in plan.Routes.Take(Repairs))
        {
            long start = Stopwatch.GetTimestamp();
            host.RemoveRoute(new RouteSpec { Destination = route.Destination });
            repaired.Wait();
            repairs.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        keeper.Stop();
        thread.Join();
        repairs.Sort();
        double audit = Median(() => plan.Difference(Fabric.Apply.NodeApply.Read(network, host, plan)));
        times.Sort();
        return (first, times[times.Count / 2], audit, repairs[repairs.Count / 2], repairs[(int)(repairs.Count * 0.99)]);

        double Set(Cluster next)
        {
            long start = Stopwatch.GetTimestamp();
            keeper.Set(next);
            applied.Wait();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
    }

    /// <summary>Until the echo of its own writes has been heard.</summary>
    private static void Settle(NodeKeeper keeper)
    {
        long passes;
        do
        {
            passes = keeper.Counters.Passes;
        }
        while (SpinWait.SpinUntil(() => keeper.Counters.Passes != passes, 100));
    }

    private static double Median(Action work)
    {
        var times = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(times);
        return times[Rounds / 2];
    }

    private static Cluster Make(string backend, int size) => new()
    {
        Backend = backend,
        Nodes = [.. Enumerable.Range(0, size).Select(i => new ClusterNode
        {
            Name = $"node{i}",
            Addresses = [new IpPrefix(new IpAddress(IpAddress.Parse("172.16.0.1").Value + (uint)i, false), 32)],
            PodBlocks = [new IpPrefix(new IpAddress(IpAddress.Parse("10.0.0.0").Value + ((uint)i << 8), false), 24)],
        })],
    };
}
