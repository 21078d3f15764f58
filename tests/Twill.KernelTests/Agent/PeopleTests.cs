using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Twill.Agent.Http;
using Twill.KernelTests.Harness;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Agent;

/// <summary>What people see of a node with a real agent and pods: numbers that are true, a screen that follows, and who has an address.</summary>
[Collection(KernelCollection.Name)]
public sealed class PeopleTests : IClassFixture<LeakCheck>
{
    [Fact]
    public void Metrics_OfTwoNodes_CountRuns_TellWhoAnswers_AndHowOldTheListIs()
    {
        using var net = new AgentNet([1, 1, 2]);
        net.Tell(1, 2);
        net.Nodes[0].Start().AwaitReady();
        net.Nodes[1].Start().AwaitReady();
        AgentNode one = net.Nodes[0];
        one.AddPod();
        one.AddPod();
        ChildProcess.Outcome refused = one.Node.Namespace.Run(() => ChildProcess.Run(Artifacts.Plugin, [], ["CNI_COMMAND=ADD", "CNI_CONTAINERID=c", "CNI_NETNS=/nowhere", "CNI_IFNAME=eth0", "CNI_PATH=/nowhere"], "{"u8.ToArray(), Command.TimeoutMs));
        Assert.Equal(1, refused.ExitCode);
        string text = Await(one, "twill_cni_requests_total{op=\"ADD\",code=\"0\"} 2", "twill_cni_requests_total{op=\"ADD\",code=\"6\"} 1", "twill_path_up{node=\"node2\"} 1");
        Assert.Contains("twill_cni_duration_seconds_count{op=\"ADD\"} 3", text, StringComparison.Ordinal);
        Assert.InRange(Value(text, "twill_path_rtt_seconds{node=\"node2\"}"), 0.000001, 1);
        Assert.InRange(Value(text, "twill_cni_duration_seconds_sum{op=\"ADD\"}"), 0.0001, 20);
        Assert.Equal(0, Value(text, "twill_watch_lag_seconds"));
        Assert.Equal(0, Value(text, "twill_ipam_addresses{block=\"10.244.1.0/24\",state=\"leaked\"}"));
        Assert.True(Value(text, "twill_nft_apply_seconds_count") >= 1);

        // The other node's address goes: no answer, and nothing else is decided by it. The list goes: the lag grows.
        Assert.True(Value(text, "twill_ready") == 1);
        File.Delete(net.NodesPath);
        text = Await(one, "twill_api_connected{source=\"file\"} 0");
        double lag = Value(text, "twill_watch_lag_seconds");
        Assert.True(Value(Metrics(one), "twill_watch_lag_seconds") > lag);
        net.Nodes[1].Ip("link set eth0 down");
        one.Stop();
        one.Start();
        net.Tell(1, 2);
        Await(one, "twill_path_up{node=\"node2\"} 0", "twill_paths{state=\"down\"} 1", "twill_watch_lag_seconds 0");
    }

    /// <summary>More at once than a box holds; and an agent that hangs keeps no run from its end.</summary>
    [Fact]
    public void Runs_ManyAtOnce_AreAllCounted_AndAHangingAgentStopsNone()
    {
        using var net = new AgentNet([1]);
        net.Tell(1);
        AgentNode one = net.StartAll().Nodes[0];
        string once = $"CNI_COMMAND=VERSION '{Artifacts.Plugin}' </dev/null >/dev/null";
        Command.RunIn(one.Node.Namespace, "/bin/sh", ["-c", $"for i in $(seq 40); do {once} & done; wait"]).Succeeded();
        Await(one, "twill_cni_requests_total{op=\"VERSION\",code=\"0\"} 40");
        one.Signal("STOP");
        Command.RunIn(one.Node.Namespace, "/bin/sh", ["-c", $"set -e; for i in $(seq 20); do {once}; done"]).Succeeded();
        one.Signal("CONT");
        Await(one, "twill_ready 1");
        Assert.InRange(Value(Metrics(one), "twill_cni_requests_total{op=\"VERSION\",code=\"0\"}"), 41, 60);
    }

    /// <summary>A note of somebody who is not root is not believed; one of root is.</summary>
    [Fact]
    public void Runs_ToldByOthersThanRoot_AreNotCounted()
    {
        string name = $"twill:test-{Environment.ProcessId}";
        using Postbox box = Postbox.TryOpen(name)!;
        Assert.Null(Postbox.TryOpen(name));
        Command.Run("/usr/bin/perl", "-MSocket", "-e", $"socket(S,AF_UNIX,SOCK_DGRAM,0); $<=65534; $>=65534; send(S,'ADD 0 1',0,pack('Sx a*',AF_UNIX,'{name}')) or die $!").Succeeded();
        byte[] message = new byte[Postbox.MaxBytes];
        Assert.Equal("ADD 0 1", Encoding.ASCII.GetString(message, 0, box.Receive(message, out uint? user)));
        Assert.Equal(65534u, user);
        Assert.True(Postbox.TrySend(name, "DEL 0 1"u8));
        Assert.Equal(7, box.Receive(message, out user));
        Assert.Equal(0u, user);
        Assert.False(Postbox.TrySend($"{name}-nobody", "DEL 0 1"u8));
    }

    [Fact]
    public void StatusWatch_IsQuiet_AndShowsEachChange()
    {
        using var net = new AgentNet([1, 1]);
        net.Tell(1, 2);
        AgentNode one = net.StartAll().Nodes[0];
        string screens = Path.Combine(net.Folder, "screens");
        int pid = one.Node.Namespace.Run(() => ChildProcess.Start("/bin/sh", ["-c", $"exec env --default-signal=INT '{Artifacts.Twill}' status -w --socket '{one.SocketPath}' --cni-dir '{one.CniDirectory}' --ascii >'{screens}'"], ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]));
        try
        {
            int quiet = AwaitScreens(screens, s => s.Contains("0 on this node", StringComparison.Ordinal));
            AgentPod pod = one.AddPod();
            int withPod = AwaitScreens(screens, s => s.Contains("pods       1 on this node", StringComparison.Ordinal));
            Assert.InRange(withPod, quiet + 1, quiet + 6);

            // Twice what it takes for the next look, and nothing happens.
            ForeignProcess.WaitForEnd(pid, 1500);
            Assert.Equal(withPod, Screens(screens));
            one.Ip("link set twill0 down");
            AwaitScreens(screens, s => s.Contains("twill0 is down", StringComparison.Ordinal) || s.Contains("bridge twill0", StringComparison.Ordinal));
            one.Stop();
            AwaitScreens(screens, s => s.Contains("not running; source of what follows: kernel", StringComparison.Ordinal));
            Assert.NotNull(pod);
        }
        finally
        {
            Command.Run("/bin/sh", "-c", $"kill -INT {pid}");
            Assert.Equal(130, ChildProcess.Wait(pid));
        }
    }

    [Fact]
    public void IpamWho_PodNodeNobody_AreToldWithTheirExitCodes()
    {
        using var net = new AgentNet([1, 1]);
        net.Tell(1, 2);
        AgentNode one = net.StartAll().Nodes[0];
        AgentPod pod = one.AddPod();
        Assert.Matches($@"{pod.V4}\s+used\s+pod ", one.Twill("ipam", "who", $"{pod.V4}").Succeeded());
        Assert.Contains("a pod of node2", one.Twill("ipam", "who", "10.244.2.9").Succeeded(), StringComparison.Ordinal);
        ChildProcess.Outcome free = one.Twill("ipam", "who", "10.244.1.99", "-o", "json");
        Assert.Equal(4, free.ExitCode);
        Tests.Cli.SchemaAssert.Valid("ipam-who/v1", free.OutputText);
        Assert.Equal(4, one.Twill("ipam", "who", "nobody").ExitCode);
        one.Stop();
        Assert.Contains("the node 192.168.1.12", one.Twill("ipam", "who", "10.244.2.9").Succeeded(), StringComparison.Ordinal);
    }

    private static int Screens(string path) => Regex.Count(File.ReadAllText(path), @"^ twill \d", RegexOptions.Multiline);

    /// <returns>How many there are then.</returns>
    private static int AwaitScreens(string path, Func<string, bool> wished)
    {
        Assert.True(SpinWait.SpinUntil(() => File.Exists(path) && wished(File.ReadAllText(path).Split("\n twill ")[^1]), 20_000), File.Exists(path) ? File.ReadAllText(path) : "nothing");
        return Screens(path);
    }

    private static string Metrics(AgentNode node) => Encoding.UTF8.GetString(LocalClient.Get(node.SocketPath, "/metrics", 10_000)!.Body.Span);

    private static double Value(string text, string name) => double.Parse(text.Split('\n').Single(l => l.StartsWith($"{name} ", StringComparison.Ordinal)).Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);

    private static string Await(AgentNode node, params string[] lines)
    {
        string text = "";
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < 30)
        {
            if (File.Exists(node.SocketPath) && LocalClient.Get(node.SocketPath, "/metrics", 10_000) is { } answer)
            {
                text = Encoding.UTF8.GetString(answer.Body.Span);
                if (lines.All(l => text.Contains($"\n{l}\n", StringComparison.Ordinal))) return text;
            }

            ForeignProcess.WaitForEnd(node.ProcessId!.Value, 50);
        }

        throw new InvalidOperationException($"no {string.Join(", ", lines)} in:\n{text}\n{node.Log}");
    }
}
