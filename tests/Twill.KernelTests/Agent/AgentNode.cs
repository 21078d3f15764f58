using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Twill.Agent.Http;
using Twill.KernelTests.Fabric;
using Twill.KernelTests.Harness;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Agent;

/// <summary>A node with a real agent process, and pods that the plugin attaches by the configuration which that agent wrote.</summary>
internal sealed class AgentNode : IDisposable
{
    /// <summary>For anything that must happen, milliseconds; a slow machine is no failure.</summary>
    private const int PatienceMs = 20_000;

    private static int s_pods;

    private readonly string _directory;
    private readonly string[] _arguments;
    private readonly List<NetworkNamespace> _pods = [];

    internal AgentNode(FabricNode node, string directory, params string[] arguments)
        : this(node.Name, node, directory, arguments)
    {
    }

    /// <param name="name">In the list of nodes.</param>
    internal AgentNode(string name, FabricNode node, string directory, string[] arguments)
    {
        Node = node;
        _directory = Path.Combine(directory, node.Name);
        Directory.CreateDirectory(_directory);
        _arguments = ["agent", "--node", name, "--socket", SocketPath, "--cni-dir", CniDirectory, .. arguments];
    }

    internal FabricNode Node { get; }

    /// <summary>A program that the agent is started by: "setpriv ...".</summary>
    internal string Wrapper { get; init; } = "";

    internal int? ProcessId { get; private set; }

    internal string SocketPath => Path.Combine(_directory, "agent.sock");

    internal string CniDirectory => Path.Combine(_directory, "net.d");

    internal string ListPath => Path.Combine(CniDirectory, "05-twill.conflist");

    internal string Log => File.Exists(LogPath) ? File.ReadAllText(LogPath) : "";

    private string LogPath => Path.Combine(_directory, "log");

    /// <param name="environment">NAME=value, beside PATH.</param>
    internal AgentNode Start(params string[] environment)
    {
        string words = string.Join(' ', _arguments.Select(a => $"'{a}'"));
        ProcessId = Node.Namespace.Run(() => ChildProcess.Start("/bin/sh", ["-c", $"exec {Wrapper} '{Artifacts.Twill}' {words} >>'{LogPath}' 2>&1 </dev/null"], ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", .. environment]));
        return this;
    }

    internal void Signal(string signal) => Command.Run("/bin/sh", "-c", $"kill -{signal} {ProcessId}").Succeeded();

    /// <returns>Its exit code.</returns>
    internal int Stop(string signal = "9")
    {
        if (ProcessId is not { } pid) return 0;
        Signal(signal);
        ProcessId = null;
        return ChildProcess.Wait(pid);
    }

    /// <returns>Its exit code, when it ends by itself.</returns>
    internal int AwaitEnd()
    {
        int pid = ProcessId!.Value;
        Assert.True(ForeignProcess.WaitForEnd(pid, PatienceMs), $"the agent of {Node.Name} goes on: {Log}");
        ProcessId = null;
        return ChildProcess.Wait(pid);
    }

    internal AgentNode AwaitReady()
    {
        AwaitEvent(0, e => e.GetProperty("kind").GetString() == "ready");
        return this;
    }

    /// <summary>Number of the latest event.</summary>
    internal long Last => Status().GetProperty("lastEvent").GetInt64();

    /// <summary>Waits for an event after a number, by the agent's long poll.</summary>
    internal JsonElement AwaitEvent(long after, Func<JsonElement, bool> wished)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < PatienceMs)
        {
            HttpAnswer? answer = LocalClient.Get(SocketPath, string.Create(CultureInfo.InvariantCulture, $"/events?after={after}"), PatienceMs + 10_000);
            if (answer is null)
            {
                // It does not listen yet: so short that a wait for its end serves as well.
                Assert.False(ForeignProcess.WaitForEnd(ProcessId!.Value, 5), $"the agent of {Node.Name} ended: {Log}");
                continue;
            }

            foreach (JsonElement one in JsonDocument.Parse(answer.Body).RootElement.GetProperty("events").EnumerateArray())
            {
                if (wished(one)) return one;
                after = one.GetProperty("number").GetInt64();
            }
        }

        throw new InvalidOperationException($"{Node.Name}: what was waited for did not happen. Log:\n{Log}");
    }

    internal JsonElement AwaitRepair(long after, string subject) => AwaitEvent(after, e => e.GetProperty("kind").GetString() == "repair" && e.GetProperty("text").GetString()!.StartsWith(subject, StringComparison.Ordinal));

    internal JsonElement Status() => JsonDocument.Parse((LocalClient.Get(SocketPath, "/status", PatienceMs) ?? throw new InvalidOperationException($"the agent of {Node.Name} does not listen: {Log}")).Body).RootElement;

    internal long Writes => Status().GetProperty("counters").GetProperty("writes").GetInt64();

    /// <summary>Runs the published program in the node.</summary>
    internal ChildProcess.Outcome Twill(params string[] words)
        => Node.Namespace.Run(() => ChildProcess.Run(Artifacts.Twill, words, ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", $"TWILL_SOCKET={SocketPath}", $"TWILL_CNI_DIR={CniDirectory}"], [], Command.TimeoutMs));

    /// <summary>A new pod, attached as a runtime does it: the list's plugin, called with the list's name and version.</summary>
    internal AgentPod AddPod()
    {
        JsonNode list = JsonNode.Parse(File.ReadAllText(ListPath))!;
        JsonObject plugin = list["plugins"]![0]!.DeepClone().AsObject();
        plugin["cniVersion"] = "1.0.0";
        plugin["name"] = (string)list["name"]!;
        NetworkNamespace network = NetworkNamespace.Create();
        _pods.Add(network);
        string id = string.Create(CultureInfo.InvariantCulture, $"a{Environment.ProcessId:x}-{Interlocked.Increment(ref s_pods)}");
        string path = $"/proc/{Environment.ProcessId}/fd/{network.DescriptorNumber}";
        byte[] input = Encoding.UTF8.GetBytes(plugin.ToJsonString());
        JsonNode result = JsonNode.Parse(Node.Namespace.Run(() => ChildProcess.Run(Artifacts.Plugin, [], ["CNI_COMMAND=ADD", $"CNI_CONTAINERID={id}", $"CNI_NETNS={path}", "CNI_IFNAME=eth0", "CNI_PATH=/nowhere"], input, Command.TimeoutMs)).Succeeded())!;
        return new AgentPod(network, [.. result["ips"]!.AsArray().Select(i => IpPrefix.Parse((string)i!["address"]!).Address)]);
    }

    internal string Ip(string arguments) => Command.RunIn(Node.Namespace, Command.Find("ip"), arguments.Split(' ')).Succeeded();

    /// <summary>Routes of ours, as `ip route` prints them, sorted.</summary>
    internal string Routes() => string.Join('\n', Ip("route show proto 77").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim()).Order(StringComparer.Ordinal));

    public void Dispose()
    {
        Stop();
        foreach (NetworkNamespace pod in _pods) pod.Dispose();
    }
}

/// <summary>A pod: its namespace and its addresses.</summary>
internal sealed record AgentPod(NetworkNamespace Namespace, IReadOnlyList<IpAddress> Addresses)
{
    internal IpAddress V4 => Addresses[0];
}
