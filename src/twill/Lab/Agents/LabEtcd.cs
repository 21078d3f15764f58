using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Twill.Agent.Services;
using Twill.Fabric.Services.Model;
using Twill.Lab.Goal;
using Twill.Lab.Model;
using Twill.Linux.Netns;
using Twill.Linux.Sys;

namespace Twill.Lab.Agents;

/// <summary>The store that the nodes' agents share: a real etcd, in the router's namespace.</summary>
internal static class LabEtcd
{
    internal const string Program = "/usr/bin/etcd";

    private const string DataDirectory = $"{LabAgents.Directory}/etcd", LogPath = $"{LabAgents.Directory}/etcd.log";

    private const int ClientPort = 2379, PeerPort = 2380, StartMs = 15_000, EndMs = 5000, TellMs = 20_000;

    /// <summary>HOST:PORT as the nodes reach it.</summary>
    internal static string EndpointOf(LabSpec spec) => $"{Host(spec)}:{ClientPort}";

    internal static string CommandOf(LabSpec spec)
        => $"{Program} --data-dir {DataDirectory} --listen-client-urls http://{EndpointOf(spec)} --advertise-client-urls http://{EndpointOf(spec)} --listen-peer-urls http://{Host(spec)}:{PeerPort} --initial-advertise-peer-urls http://{Host(spec)}:{PeerPort} --initial-cluster default=http://{Host(spec)}:{PeerPort} --unsafe-no-fsync";

    /// <returns>Null: it does not run.</returns>
    internal static int? Pid()
    {
        if (!Directory.Exists(DataDirectory)) return null;
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), out int pid) && IsOurs(pid)) return pid;
        }

        return null;
    }

    internal static void Start(NetworkNamespace router, LabSpec spec)
    {
        if (!File.Exists(Program)) throw new LabException($"--source etcd needs {Program}: apt-get install etcd-server; or take --source file");
        Directory.CreateDirectory(LabAgents.Directory);
        string[] words = CommandOf(spec).Split(' ');
        int pid = router.Run(() => ChildProcess.StartDaemon(words[0], words[1..], ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], LogPath));
        if (!router.Run(() => Answers(spec, pid))) throw new LabException($"etcd did not answer within {StartMs / 1000} s: see {LogPath}");
    }

    internal static void Stop()
    {
        if (Pid() is { } pid) ForeignProcess.Kill(pid, () => IsOurs(pid), EndMs);
    }

    /// <summary>Puts the lab's services there, and takes away those that it has no longer.</summary>
    internal static void Tell(NetworkNamespace router, LabSpec spec)
    {
        string source = SourceOf(spec);
        foreach (LabServiceSpec service in spec.Services) Twill(router, AddWords(spec, service));
        string present = Twill(router, ["service", "list", "--source", source]);
        foreach (ServiceDescription gone in ServiceText.ParseFile(Encoding.UTF8.GetBytes($"services:\n{present}"), source))
        {
            if (gone.Namespace == LabServices.Namespace && spec.Services.All(s => s.Name != gone.Name)) Twill(router, ["service", "remove", gone.Name, "--namespace", LabServices.Namespace, "--source", source]);
        }
    }

    /// <summary>The words behind `twill` that put a service there.</summary>
    internal static string[] AddWords(LabSpec spec, LabServiceSpec service)
    {
        ServiceDescription known = LabServices.Describe(spec, service);
        return
        [
            "service", "add", service.Name, "--namespace", LabServices.Namespace, "--address", string.Join(',', known.ClusterIps), "--port", $"{service.Port}{(service.Target == service.Port ? "" : $":{service.Target}")}",
            .. service.NodePort == 0 ? [] : (string[])["--node-port", $"{service.NodePort}"],
            .. service.LoadBalancer ? (string[])["--load-balancer", string.Join(',', known.LoadBalancerIps)] : [],
            .. known.Endpoints.Count == 0 ? [] : (string[])["--endpoints", string.Join(',', known.Endpoints.Select(e => e.Address))],
            "--source", SourceOf(spec),
        ];
    }

    private static string SourceOf(LabSpec spec) => $"etcd://{EndpointOf(spec)}";

    private static string Twill(NetworkNamespace router, string[] words)
    {
        ChildProcess.Outcome outcome = router.Run(() => ChildProcess.Run("/proc/self/exe", words, [], [], TellMs));
        return outcome.ExitCode == 0 ? outcome.OutputText : throw new LabException($"cannot tell etcd of the services: twill {string.Join(' ', words)}: {outcome.ErrorText.Trim()}");
    }

    private static bool Answers(LabSpec spec, int pid)
    {
        var end = IPEndPoint.Parse(EndpointOf(spec));
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalMilliseconds < StartMs;)
        {
            using var socket = new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(end);
                return true;
            }
            catch (SocketException)
            {
                if (ForeignProcess.WaitForEnd(pid, 20)) return false; // ended; else 20 ms have passed
            }
        }

        return false;
    }

    /// <summary>By its command line, and that it sees the same files: another mount namespace may have a lab of its own.</summary>
    private static bool IsOurs(int pid)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{pid}/ns/mnt", returnFinalTarget: false)?.Name == File.ResolveLinkTarget("/proc/self/ns/mnt", returnFinalTarget: false)?.Name && File.ReadAllText($"/proc/{pid}/cmdline").Contains($"\0{DataDirectory}\0", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Host(LabSpec spec) => spec.V4 ? LabAddresses.RouterV4.Address.ToString() : $"[{LabAddresses.RouterV6.Address}]";
}
