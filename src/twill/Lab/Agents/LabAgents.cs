using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Twill.Agent;
using Twill.Agent.Http;
using Twill.Agent.Registry;
using Twill.Agent.View;
using Twill.Fabric.Model;
using Twill.Lab.Goal;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Lab.Agents;

/// <summary>The agents of the lab's nodes: each is `twill agent`, this very file, in its node's namespace. Their files are below one directory.</summary>
internal static class LabAgents
{
    internal const string Directory = "/run/twill-lab";

    internal const string NodesPath = $"{Directory}/nodes.yaml";

    /// <summary>How long an agent may take to have its socket, to be ready, and to end; milliseconds.</summary>
    private const int StartMs = 10_000, ReadyMs = 30_000, EndMs = 5000;

    /// <summary>Long polls of an agent until it is ready; each ends with something that happened.</summary>
    private const int MaxAnswers = 100;

    internal static string SocketOf(string node) => $"{Directory}/{node}.sock";

    internal static string LogOf(string node) => $"{Directory}/{node}.log";

    /// <summary>Where the agent writes what a container runtime would read.</summary>
    internal static string CniDirectoryOf(string node) => $"{Directory}/{node}.cni";

    /// <summary>The words behind `twill` that start a node's agent; empty: it has none.</summary>
    internal static string CommandOf(LabSpec spec, int index)
    {
        if (!spec.HasAgents) return "";
        string node = LabNames.Node(index);
        ClusterNode known = spec.NodeOf(index);
        var settings = new AgentSettings
        {
            Node = node,
            Source = spec.Source == LabSource.Etcd ? new SourceChoice.Etcd([LabEtcd.EndpointOf(spec)]) : new SourceChoice.Nodes(NodesPath),
            Backend = LabWords.Of(spec.Mode),
            Device = LabAddresses.Uplink,
            ClusterCidrs = spec.Families(LabAddresses.PodsV4, LabAddresses.PodsV6),
            Blocks = spec.Source == LabSource.Etcd ? known.PodBlocks : [],
            Bridge = LabAddresses.Bridge,
            Network = LabAddresses.Network,
            LoadBalancerPools = spec.IsFar(index) ? [] : spec.Families(LabAddresses.LoadBalancersV4, LabAddresses.LoadBalancersV6),
            Masquerade = false, // the plugin's part here, as in a lab without agents
            CniDirectory = CniDirectoryOf(node),
            Socket = SocketOf(node),
        };
        return string.Join(' ', ["agent", .. settings.ToArguments()]);
    }

    /// <summary>What all file sources read: a node to a line, a service to a line.</summary>
    internal static string NodesText(LabSpec spec)
    {
        var text = new StringBuilder("# The lab's nodes, as every agent reads them.\nnodes:\n");
        foreach (LabNodeSpec node in spec.Nodes)
        {
            ClusterNode known = spec.NodeOf(node.Index);
            text.Append(CultureInfo.InvariantCulture, $"- {{name: {known.Name}, addresses: [{Quoted(known.Addresses)}], podCIDRs: [{Quoted(known.PodBlocks)}]}}\n");
        }

        if (spec.Services.Count > 0) text.Append("services:\n");
        foreach (LabServiceSpec service in spec.Services) text.Append(CultureInfo.InvariantCulture, $"- {ServiceRegistry.RecordOf(LabServices.Describe(spec, service))}\n");

        return text.ToString();
    }

    /// <summary>The words behind `twill` of the agent that works on a node; empty: none does.</summary>
    internal static string Running(string node) => PidOf(node) is { } pid ? Words(pid) : "";

    /// <returns>Null: no agent listens.</returns>
    internal static int? PidOf(string node)
    {
        string socket = SocketOf(node);
        if (!File.Exists(socket)) return null;
        return UnixPeer.OwnerOf(socket) is { } pid && Words(pid).Contains(socket, StringComparison.Ordinal) ? pid : null;
    }

    internal static void Start(NetworkNamespace network, string node, string command)
    {
        System.IO.Directory.CreateDirectory(Directory);
        Stop(node);

        // It says when it listens, as it does to systemd.
        string path = $"{Directory}/{node}.notify";
        File.Delete(path);
        using var ear = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = StartMs };
        ear.Bind(new UnixDomainSocketEndPoint(path));
        try
        {
            network.Run(() => ChildProcess.StartDaemon(Environment.ProcessPath!, command.Split(' '), ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DOTNET_GCgen0size=40000", $"NOTIFY_SOCKET={path}"], LogOf(node)));
            ear.Receive(new byte[512]);
        }
        catch (SocketException)
        {
            throw new LabException($"the agent of {node} did not start within {StartMs / 1000} s: {LastWords(node)}");
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <returns>False: none was there.</returns>
    internal static bool Stop(string node) => PidOf(node) is { } pid && ForeignProcess.Kill(pid, () => Words(pid).Contains(SocketOf(node), StringComparison.Ordinal), EndMs);

    /// <summary>Returns when the node's plan is in the kernel.</summary>
    internal static void AwaitReady(string node)
    {
        var agent = new AgentClient(SocketOf(node));
        long after = 1, start = Stopwatch.GetTimestamp();
        for (int i = 0; i < MaxAnswers && Stopwatch.GetElapsedTime(start).TotalMilliseconds < ReadyMs; i++)
        {
            if (IsReady(agent)) return;
            using JsonDocument? events = agent.Events(after, wait: true);
            if (events is null) break;
            after = EventText.Last(events.RootElement, after);
        }

        throw new LabException($"the agent of {node} is not ready: {LastWords(node)}");
    }

    /// <summary>Returns when a node translates the lab's services.</summary>
    internal static void AwaitServices(LabSpec spec, LabNodeSpec node)
    {
        var agent = new AgentClient(SocketOf(node.Name));
        long after = 1, start = Stopwatch.GetTimestamp();
        for (int i = 0; i < MaxAnswers && Stopwatch.GetElapsedTime(start).TotalMilliseconds < ReadyMs; i++)
        {
            if (LabServices.AreIn(spec, LabStateReader.Read(LabInventory.Read([node.Name])).Find(node.Name))) return;
            using JsonDocument? events = agent.Events(after, wait: true);
            if (events is null) break;
            after = EventText.Last(events.RootElement, after);
        }

        throw new LabException($"the agent of {node.Name} did not write the services: {LastWords(node.Name)}");
    }

    /// <summary>With everything that was theirs.</summary>
    internal static void Forget(string node)
    {
        foreach (string file in (string[])[SocketOf(node), LogOf(node)]) File.Delete(file);
        if (System.IO.Directory.Exists(CniDirectoryOf(node))) System.IO.Directory.Delete(CniDirectoryOf(node), recursive: true);
    }

    private static bool IsReady(AgentClient agent)
    {
        using JsonDocument? status = agent.Status();
        return status is not null && status.RootElement.GetProperty("ready").GetBoolean();
    }

    private static string LastWords(string node) => File.Exists(LogOf(node)) && File.ReadLines(LogOf(node)).LastOrDefault() is { Length: > 0 } line ? $"its last words in {LogOf(node)}: {line}" : $"see {LogOf(node)}";

    /// <summary>argv without the program.</summary>
    private static string Words(int pid)
    {
        try
        {
            string[] argv = File.ReadAllText($"/proc/{pid}/cmdline").TrimEnd('\0').Split('\0');
            return string.Join(' ', argv[1..]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string Quoted(IReadOnlyList<IpPrefix> prefixes) => string.Join(", ", prefixes.Select(p => $"\"{p}\""));
}
