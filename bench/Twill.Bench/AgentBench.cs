using System.Diagnostics;
using System.Globalization;
using Twill.Fabric.Services.Keep;
using Twill.Linux.Netlink;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Tests.Kube.Server;

namespace Twill.Bench;

/// <summary>
/// The published program as a node's agent, its nodes from an API server in this process with objects as kubelets make them, 3 kB each: until all
/// routes are in, until one node more has its routes, memory, and what it does when nothing happens. Prints a page, asserts nothing.
/// </summary>
internal static class AgentBench
{
    /// <summary>RestMs: until the agent has given its garbage back, which it does after ten seconds without any news. QuietMs: the transactions of one change of services are closer together.</summary>
    private const int PatienceMs = 120_000, SettleMs = 1000, RestMs = 13_000, IdleMs = 10_000, QuietMs = 200, Changes = 400, Endpoints = 10;

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

        Console.WriteLine("\n## Services\n");
        Console.WriteLine("Ten endpoints for each, in one EndpointSlice; \"one more\" is an eleventh, 400 times (100 with 100), each time another service's, until the last element is in the table. Resident is before these changes, 13 seconds");
        Console.WriteLine("after all was in; peak is until then; the last column right behind the changes.\n");
        Console.WriteLine("| services | endpoints | all in ms | one more p50 ms | p99 ms | resident MB | peak MB | after changes MB |");
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (int size in (int[])[100, 1000, 5000, 10_000]) MeasureServices(size);

        Console.WriteLine("\n## Goals\n");
        Console.WriteLine("All in within 1.5 s and 45 MB with 5,000 nodes, one node more within 5 ms; 25 MB with 3 nodes. flanneld 0.28 with 5,000 nodes, IPv4 only, measured elsewhere on the same kind of machine: host-gw 120 s, vxlan 1.9 to 4.7 s, 105 and 82 MB. With 5,000 services of ten endpoints: all in within 1 s, one more within 10 ms, 80 MB; kube-proxy 1.36 in nftables mode 4.4 to 6.2 s, 1.7 to 3.0 s, 157 to 280 MB, measured there as well.");
        return 0;
    }

    private static void Measure(string backend, int size)
    {
        using var stage = new AgentStage();
        for (int i = 1; i <= size; i++) Put(stage.Nodes, i);
        using NetlinkMonitor monitor = RouteMonitor.Open(RouteGroups.Routes, stage.Network, 64 << 20);
        long start = stage.Start(Name(1), "--backend", backend);
        stage.Explain(() =>
        {
            double first = Until(monitor, 2 * (size - 1), start);
            stage.Rest(SettleMs); // the first one or two changes would else wait 30 ms for what the agent still hears of its own writes
            var more = new List<double>();
            var less = new List<double>();
            for (int i = 0; i < Changes / 2; i++)
            {
                start = Stopwatch.GetTimestamp();
                Put(stage.Nodes, size + 1);
                more.Add(Until(monitor, 2, start));
                Quiet(monitor);
                start = Stopwatch.GetTimestamp();
                stage.Nodes.Delete(Name(size + 1));
                less.Add(Until(monitor, 2, start));
                Quiet(monitor);
            }

            (double cpu, long switches) = stage.Idle(RestMs, IdleMs);
            Print($"| {backend} | {size} | {first:0} | {At(more, 0.5):0.0} | {At(more, 0.99):0.0} | {At(less, 0.5):0.0} | {At(less, 0.99):0.0} | {stage.Status("VmRSS"):0.0} | {stage.Status("VmHWM"):0.0} | {cpu:0} | {switches} |");
        });
    }

    private static void MeasureServices(int size)
    {
        using var stage = new AgentStage();
        Put(stage.Nodes, 1);
        for (int i = 0; i < size; i++)
        {
            stage.Services.Put($"default/s{i}", version => Invariant($$"""{"kind":"Service","apiVersion":"v1","metadata":{"name":"s{{i}}","namespace":"default","uid":"0000-{{i}}","resourceVersion":"{{version}}","labels":{"app":"s{{i}}"},"annotations":{"note":"what people write on objects"} },"spec":{"type":"ClusterIP","clusterIPs":["10.96.{{i / 250}}.{{(i % 250) + 1}}"],"ports":[{"name":"http","protocol":"TCP","port":80,"targetPort":8080}],"selector":{"app":"s{{i}}"} },"status":{"loadBalancer":{} } }"""));
            PutSlice(stage.Slices, i, Endpoints);
        }

        using NftMonitor monitor = NftMonitor.OpenChanges(stage.Network);
        long start = stage.Start(Name(1), "--backend", "direct");
        stage.Explain(() =>
        {
            double first = Until(monitor, start);
            double peak = stage.Status("VmHWM");
            stage.Rest(RestMs);
            double rested = stage.Status("VmRSS");
            var more = new List<double>();
            for (int i = 0; i < Math.Min(Changes, size); i++)
            {
                start = Stopwatch.GetTimestamp();
                PutSlice(stage.Slices, i, Endpoints + 1);
                more.Add(Until(monitor, start));
            }

            Print($"| {size} | {size * Endpoints} | {first:0} | {At(more, 0.5):0.0} | {At(more, 0.99):0.0} | {rested:0.0} | {peak:0.0} | {stage.Status("VmRSS"):0.0} |");
        });
    }

    private static void Print(FormattableString line) => Console.WriteLine(Invariant(line));

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static void PutSlice(FakeApi slices, int service, int endpoints)
    {
        string all = string.Join(',', Enumerable.Range(0, endpoints).Select(e => $$"""{"addresses":["10.{{128 + (service >> 12)}}.{{(service >> 4) & 255}}.{{((service & 15) << 4) | e}}"],"conditions":{"ready":true,"serving":true,"terminating":false},"nodeName":"{{Name(1 + (e % 3))}}","targetRef":{"kind":"Pod","namespace":"default","name":"s{{service}}-{{e}}","uid":"0000-{{e}}"} }"""));
        slices.Put($"default/s{service}-x", version => Invariant($$"""{"kind":"EndpointSlice","apiVersion":"discovery.k8s.io/v1","metadata":{"name":"s{{service}}-x","namespace":"default","resourceVersion":"{{version}}","labels":{"kubernetes.io/service-name":"s{{service}}","endpointslice.kubernetes.io/managed-by":"endpointslice-controller.k8s.io"} },"addressType":"IPv4","endpoints":[{{all}}],"ports":[{"name":"http","port":8080,"protocol":"TCP"}]}"""));
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

    /// <summary>Until the services' table changed, and then nothing for a while; without that while. What was too much to be told is in the kernel, too.</summary>
    private static double Until(NftMonitor monitor, long start)
    {
        var events = new List<NftEvent>();
        double last = 0;
        while (true)
        {
            MonitorEvent heard = monitor.Wait(last == 0 ? PatienceMs : QuietMs, events);
            if (heard == MonitorEvent.TimedOut) return last > 0 ? last : throw new BenchException($"no services after {PatienceMs / 1000} s");
            if (heard == MonitorEvent.Overrun || events.OfType<NftGenerationEvent>().Any(e => e.ThreadName == ServiceLoop.ThreadName)) last = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            events.Clear();
        }
    }

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
