using System.Globalization;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;

namespace Twill.Bench;

/// <summary>
/// Services on one node, by Twill and by tables such as kube-proxy makes: how long a new connection takes, what one endpoint more costs, and the first
/// programming. Subjects take turns within each size. Prints a page, asserts that every connection arrives.
/// </summary>
internal static class ServiceBench
{
    private const int Rounds = 20, ConnectionsPerRound = 25, Changes = 12;

    private static readonly int[] s_sizes = [10, 1000, 10_000, 50_000];

    internal static int Run()
    {
        Machine machine = Machine.Look();
        Console.WriteLine("# Services\n");
        Console.WriteLine("<!-- Written by bench/services; edits are lost. -->\n");
        Console.WriteLine("Twill's table against hand-made ones in the form of kube-proxy's modes: `iptables` (a rule for each service in one chain, a chain for each service and each endpoint, written by");
        Console.WriteLine("`iptables-restore`) and `nftables` (one verdict map, a chain for each service and each endpoint, written by `nft -f`). kube-proxy itself is not run: its own work comes on top. Subjects");
        Console.WriteLine("take turns within each size, each on a node of its own. Twill runs in the measuring process (JIT: its start is in the first row); the others start a program for each change, as kube-proxy does. Only ratios carry over.\n");
        Console.WriteLine($"- {TimeProvider.System.GetUtcNow().ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}; {machine.Cpu}, {machine.Cpus} CPUs, kernel {machine.Kernel}, {machine.Iptables}; load average before: {Machine.Load()}\n");
        Console.WriteLine("\n## One endpoint for each service\n");
        Console.WriteLine("| services | table | first programming ms | bytes | connection p50 us | p99 us | one endpoint more p50 ms | bytes |");
        Console.WriteLine("|---:|---|---:|---:|---:|---:|---:|---:|");
        foreach (int size in s_sizes) Measure(size, 1, connections: true);
        Console.WriteLine("\n## Ten endpoints for each service\n");
        Console.WriteLine("| services | table | first programming ms | bytes | connection p50 us | p99 us | one endpoint more p50 ms | bytes |");
        Console.WriteLine("|---:|---|---:|---:|---:|---:|---:|---:|");
        Measure(10_000, 10, connections: false);
        Console.WriteLine($"\nA dash: the program did not end within {ServiceSubject.PatienceMs / 1000} s. Load average after: {Machine.Load()}. The kernel's memory is not in here: the machine is shared.");
        return 0;
    }

    private static void Measure(int size, int endpoints, bool connections)
    {
        List<ServiceSubject> subjects = [new TwillServices(), new NftServices(), new IptablesServices()];
        try
        {
            // All services end at the one pod that is there; the other endpoints are never chosen, as there are no connections then.
            ServiceDescription[] services = Many(size, endpoints);
            foreach (ServiceSubject subject in subjects) subject.Program(services);
            subjects.RemoveAll(s =>
            {
                if (s.ProgrammedMs is not null) return false;
                Console.WriteLine($"| {size:n0} | {s.Name} | - | {s.ProgrammedBytes:n0} | | | | |");
                s.Dispose();
                return true;
            });
            var random = new Random(size);
            for (int round = 0; connections && round < Rounds; round++)
            {
                foreach (ServiceSubject subject in subjects)
                {
                    for (int i = 0; i < ConnectionsPerRound; i++) subject.Net.Connect(services[random.Next(size)].ClusterIps[0]);
                }
            }

            for (int change = 0; change < Changes; change++)
            {
                int at = random.Next(size);
                services = [.. services];
                services[at] = services[at] with { Endpoints = [.. services[at].Endpoints, ServiceSubject.Endpoint(IpAddress.V4(0x0af50000u + (uint)change))] };
                foreach (ServiceSubject subject in subjects) subject.Change(services, at);
            }

            foreach (ServiceSubject s in subjects)
            {
                string connected = connections ? $"{Percentile(s.Net.ConnectUs, 0.5):f0} | {Percentile(s.Net.ConnectUs, 0.99):f0}" : "|";
                Console.WriteLine($"| {size:n0} | {s.Name} | {s.ProgrammedMs:f0} | {s.ProgrammedBytes:n0} | {connected} | {Percentile(s.ChangeMs, 0.5):f1} | {s.ChangeBytes / Math.Max(1, s.ChangeMs.Count):n0} |");
            }
        }
        finally
        {
            foreach (ServiceSubject subject in subjects) subject.Dispose();
        }
    }

    private static double Percentile(List<double> values, double part)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(part * sorted.Length))];
    }

    private static ServiceDescription[] Many(int count, int endpoints) =>
    [
        .. Enumerable.Range(0, count).Select(i => new ServiceDescription
        {
            Namespace = "default",
            Name = $"s{i}",
            ClusterIps = [IpAddress.V4(0x0a600000u + 10 + (uint)i)],
            Ports = [new ServicePort("", ServiceProtocol.Tcp, 80)],
            Endpoints = endpoints == 1 ? [ServiceSubject.Endpoint(ServiceBenchNet.Pod)] : [.. Enumerable.Range(0, endpoints).Select(e => ServiceSubject.Endpoint(IpAddress.V4(0x0a800000u + (uint)((i * endpoints) + e))))],
        }),
    ];
}
