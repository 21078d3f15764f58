using System.Diagnostics;
using System.Globalization;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Twill.Tests.Kube.Server;

namespace Twill.Bench;

/// <summary>A node with one interface, an API server of this process on its loopback, and the published program as its agent.</summary>
internal sealed class AgentStage : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("twill-bench-agent-").FullName;
    private readonly NetworkNamespace _other = NetworkNamespace.Create();
    private FakeApiServer? _server;
    private int _pid;

    internal AgentStage()
    {
        using RouteSocket host = RouteSocket.Open(Network), far = RouteSocket.Open(_other);
        host.SetUp(IfIndex.Loopback);
        host.CreateVeth(new VethSpec { Name = "eth0", PeerName = "eth0", PeerNamespace = _other, Up = true });
        far.SetUp("eth0");
        IfIndex eth0 = host.GetLink("eth0").Index;
        host.TryAddAddress(eth0, IpPrefix.Parse("192.168.0.1/16"), AddressFlags.None);
        host.TryAddAddress(eth0, IpPrefix.Parse("fd01::1/64"), AddressFlags.NoDad);
    }

    internal NetworkNamespace Network { get; } = NetworkNamespace.Create();

    internal FakeApi Nodes { get; } = new();

    internal FakeApi Services { get; } = new();

    internal FakeApi Slices { get; } = new();

    /// <returns>When: a timestamp of <see cref="Stopwatch"/>.</returns>
    internal long Start(string node, params string[] more)
    {
        foreach (FakeApi api in (FakeApi[])[Nodes, Services, Slices]) api.Compact();
        _server = Network.Run(() => new FakeApiServer(Nodes) { BookmarkEvery = 1000 });
        _server.Others["/api/v1/services"] = (Services, "Service");
        _server.Others["/apis/discovery.k8s.io/v1/endpointslices"] = (Slices, "EndpointSlice");
        string config = Path.Combine(_directory, "kubeconfig");
        File.WriteAllText(config, $"apiVersion: v1\nkind: Config\nclusters: [{{name: c, cluster: {{server: \"{_server.Address}\"}}}}]\nusers: [{{name: u, user: {{}}}}]\ncontexts: [{{name: x, context: {{cluster: c, user: u}}}}]\ncurrent-context: x\n");
        string[] words = ["agent", "--node", node, "--source", $"kubernetes:{config}", "--no-masquerade", "--cni-dir", Path.Combine(_directory, "cni"), "--socket", Path.Combine(_directory, "sock"), .. more];
        long start = Stopwatch.GetTimestamp();
        _pid = Network.Run(() => ChildProcess.StartDaemon(Path.GetFullPath("artifacts/twill"), words, ["DOTNET_GCgen0size=400000"], Path.Combine(_directory, "log")));
        return start;
    }

    /// <summary>What goes wrong is told with the agent's last words.</summary>
    internal void Explain(Action measure)
    {
        try
        {
            measure();
        }
        catch (BenchException e)
        {
            throw new BenchException($"{e.Message}; the agent's last words: {File.ReadLines(Path.Combine(_directory, "log")).LastOrDefault()}");
        }
    }

    internal void Rest(int ms) => ForeignProcess.WaitForEnd(_pid, ms);

    /// <summary>What it does while nothing happens.</summary>
    internal (double CpuMs, long Switches) Idle(int restMs, int idleMs)
    {
        Rest(restMs);
        Dictionary<string, (double CpuMs, long Switches)> before = Threads();
        Rest(idleMs);
        (double cpu, long switches) = (0, 0);
        foreach ((string thread, (double CpuMs, long Switches) now) in Threads())
        {
            // What a thread did that has ended since is not seen: the pool's, which end after 20 s without work.
            (double CpuMs, long Switches) was = before.GetValueOrDefault(thread);
            cpu += now.CpuMs - was.CpuMs;
            switches += now.Switches - was.Switches;
        }

        return (cpu, switches);
    }

    /// <summary>Megabytes.</summary>
    internal double Status(string field) => Field($"/proc/{_pid}/status", field) / 1024;

    public void Dispose()
    {
        if (_pid > 0)
        {
            ForeignProcess.Kill(_pid, () => true, 5000);
            _ = ChildProcess.Wait(_pid);
        }

        _server?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Network.Dispose();
        _other.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private Dictionary<string, (double CpuMs, long Switches)> Threads()
    {
        var threads = new Dictionary<string, (double, long)>();
        foreach (string task in Directory.GetDirectories($"/proc/{_pid}/task"))
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

    private static double Field(string path, string name) => double.Parse(File.ReadLines(path).First(l => l.StartsWith(name + ":", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
