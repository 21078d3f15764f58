using System.Diagnostics;
using System.Globalization;
using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Twill.Tests.Kube.Server;

namespace Twill.Bench;

/// <summary>
/// The published program as a node's agent, its nodes from an API server in this process with objects as kubelets make them, 3 kB each: until all
/// routes are in, until one node more has its routes, memory, and what it does when nothing happens. Prints a page, asserts nothing.
/// </summary>
internal static class AgentBench
{
    /// <summary>RestMs: until the agent has given its garbage back, which it does after ten seconds without any news.</summary>
    private const int PatienceMs = 120_000, SettleMs = 1000, RestMs = 13_000, IdleMs = 10_000, Changes = 400;

    internal static int Run(string sizes)
    {
        Machine machine = Machine.Look();
        Console.WriteLine("# The agent and the number of nodes\n");
        Console.WriteLine("<!-- Written by bench/agent; edits are lost. -->\n");
        Console.WriteLine("The published program, `twill agent --source kubernetes`, in a network namespace, IPv4 and IPv6: two routes for each node, and with the tunnel two neighbours and a");
        Console.WriteLine("forwarding entry. \"All in\" is from the start of the process to the last route in the kernel; \"one more\" from the change in the API server, which is in the process that");
        Console.WriteLine("measures, to both routes in the kernel, as netlink tells it, 200 times each, the first a second after all is in. Resident and CPU over ten seconds in which nothing happens, beginning 13 seconds after the last change. What p99 has with 3 nodes already is the machine's part. Only ratios carry over; what flanneld needs is in [the goals](#goals).\n");
        Console.WriteLine($"- {TimeProvider.System.GetUtcNow().ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}; {machine.Cpu}, {machine.Cpus} CPUs, kernel {machine.Kernel}; load average before: {Machine.Load()}\n");
        Console.WriteLine("| backend | nodes | all in ms | one more p50 ms | p99 ms | one less p50 ms | p99 ms | resident MB | peak MB | idle CPU ms in 10 s | wake-ups in 10 s |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (string backend in (string[])["direct", "vxlan"])
        {
            foreach (string size in sizes.Split(',')) Measure(backend, int.Parse(size, CultureInfo.InvariantCulture));
        }

        Console.WriteLine("\n## Goals\n");
        Console.WriteLine("All in within 1.5 s and 45 MB with 5,000 nodes, one node more within 5 ms; 25 MB with 3 nodes. flanneld 0.28 with 5,000 nodes, IPv4 only, measured elsewhere on the same kind of machine: host-gw 120 s, vxlan 1.9 to 4.7 s, 105 and 82 MB.");
        return 0;
    }

    private static void Measure(string backend, int size)
    {
        string directory = Directory.CreateTempSubdirectory("twill-bench-agent-").FullName;
        using NetworkNamespace network = NetworkNamespace.Create(), other = NetworkNamespace.Create();
        using RouteSocket host = RouteSocket.Open(network), far = RouteSocket.Open(other);
        host.SetUp(IfIndex.Loopback);
        host.CreateVeth(new VethSpec { Name = "eth0", PeerName = "eth0", PeerNamespace = other, Up = true });
        far.SetUp("eth0");
        IfIndex eth0 = host.GetLink("eth0").Index;
        host.TryAddAddress(eth0, IpPrefix.Parse("192.168.0.1/16"), AddressFlags.None);
        host.TryAddAddress(eth0, IpPrefix.Parse("fd01::1/64"), AddressFlags.NoDad);
        var api = new FakeApi();
        for (int i = 1; i <= size; i++) Put(api, i);
        api.Compact();
        FakeApiServer server = network.Run(() => new FakeApiServer(api) { BookmarkEvery = 1000 });
        int pid = 0;
        try
        {
            using NetlinkMonitor monitor = RouteMonitor.Open(RouteGroups.Routes, network, 64 << 20);
            string config = Path.Combine(directory, "kubeconfig");
            File.WriteAllText(config, $"apiVersion: v1\nkind: Config\nclusters: [{{name: c, cluster: {{server: \"{server.Address}\"}}}}]\nusers: [{{name: u, user: {{}}}}]\ncontexts: [{{name: x, context: {{cluster: c, user: u}}}}]\ncurrent-context: x\n");
            string[] words = ["agent", "--node", Name(1), "--source", $"kubernetes:{config}", "--backend", backend, "--no-masquerade", "--cni-dir", Path.Combine(directory, "cni"), "--socket", Path.Combine(directory, "sock")];
            long start = Stopwatch.GetTimestamp();
            pid = network.Run(() => ChildProcess.StartDaemon(Path.GetFullPath("artifacts/twill"), words, ["DOTNET_GCgen0size=400000"], Path.Combine(directory, "log")));
            double first = Until(monitor, 2 * (size - 1), start);
            ForeignProcess.WaitForEnd(pid, SettleMs); // the first one or two changes would else wait 30 ms for what the agent still hears of its own writes
            var more = new List<double>();
            var less = new List<double>();
            for (int i = 0; i < Changes / 2; i++)
            {
                start = Stopwatch.GetTimestamp();
                Put(api, size + 1);
                more.Add(Until(monitor, 2, start));
                Quiet(monitor);
                start = Stopwatch.GetTimestamp();
                api.Delete(Name(size + 1));
                less.Add(Until(monitor, 2, start));
                Quiet(monitor);
            }

            (double cpu, long switches) = Idle(pid);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {backend} | {size} | {first:0} | {At(more, 0.5):0.0} | {At(more, 0.99):0.0} | {At(less, 0.5):0.0} | {At(less, 0.99):0.0} | {Status(pid, "VmRSS"):0.0} | {Status(pid, "VmHWM"):0.0} | {cpu:0} | {switches} |"));
        }
        catch (BenchException e)
        {
            throw new BenchException($"{e.Message}; the agent's last words: {File.ReadLines(Path.Combine(directory, "log")).LastOrDefault()}");
        }
        finally
        {
            if (pid > 0)
            {
                ForeignProcess.Kill(pid, () => true, 5000);
                _ = ChildProcess.Wait(pid);
            }

            server.DisposeAsync().AsTask().GetAwaiter().GetResult();
            Directory.Delete(directory, recursive: true);
        }
    }

    private static string Name(int index) => $"node-{index:00000}";

    private static void Put(FakeApi api, int index) => api.Put(Name(index), version => NodeJson.Of(Name(index), version, index));

    /// <summary>Until so many of our routes have come, or gone.</summary>
    private static double Until(NetlinkMonitor monitor, int count, long start)
    {
        var reader = new RouteEventReader<Counter>(new Counter());
        while (reader.Events.Seen < count)
        {
            int left = PatienceMs - (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (left <= 0 || monitor.Wait(left, ref reader) != MonitorEvent.Received) throw new BenchException($"{reader.Events.Seen} of {count} routes after {PatienceMs / 1000} s");
        }

        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>What the last change still does is not the next one's.</summary>
    private static void Quiet(NetlinkMonitor monitor)
    {
        var reader = new RouteEventReader<Counter>(new Counter());
        while (monitor.Wait(15, ref reader) == MonitorEvent.Received)
        {
        }
    }

    private static (double CpuMs, long Switches) Idle(int pid)
    {
        ForeignProcess.WaitForEnd(pid, RestMs);
        Dictionary<string, (double CpuMs, long Switches)> before = Threads(pid);
        ForeignProcess.WaitForEnd(pid, IdleMs);
        (double cpu, long switches) = (0, 0);
        foreach ((string thread, (double CpuMs, long Switches) now) in Threads(pid))
        {
            // What a thread did that has ended since is not seen: the pool's, which end after 20 s without work.
            (double CpuMs, long Switches) was = before.GetValueOrDefault(thread);
            cpu += now.CpuMs - was.CpuMs;
            switches += now.Switches - was.Switches;
        }

        return (cpu, switches);
    }

    private static Dictionary<string, (double CpuMs, long Switches)> Threads(int pid)
    {
        var threads = new Dictionary<string, (double, long)>();
        foreach (string task in Directory.GetDirectories($"/proc/{pid}/task"))
        {
            try
            {
                threads[task] = (double.Parse(File.ReadAllText($"{task}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture) / 1e6, (long)Field($"{task}/status", "voluntary_ctxt_switches"));
            }
            catch (IOException)
            {
                // It ended under our hands.
            }
        }

        return threads;
    }

    /// <summary>Megabytes.</summary>
    private static double Status(int pid, string field) => Field($"/proc/{pid}/status", field) / 1024;

    private static double Field(string path, string name) => double.Parse(File.ReadLines(path).First(l => l.StartsWith(name + ":", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    private static double At(List<double> times, double part)
    {
        times.Sort();
        return times[Math.Min(times.Count - 1, (int)(times.Count * part))];
    }

    private struct Counter : IRouteEvents
    {
        private static readonly RouteProtocol s_twill = new(77);

        internal int Seen;

        public void OnRoute(in RouteView route, bool removed)
        {
            if (route.Protocol == s_twill) Seen++;
        }
    }
}
