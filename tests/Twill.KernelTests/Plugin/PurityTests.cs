using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Plugin;

/// <summary>Nothing but the kernel stands on the path of a pod (I2, I4): no program, no connection, no file; and the messages are counted.</summary>
public sealed class PurityTests
{
    /// <summary>Most sends, messages and system calls: as measured on Linux 6.18 (6, 10, 120 for the first row; 3, 3, 101 for a DEL), with a small slack.</summary>
    /// <remarks>
    /// A number that must grow here is a decision, not an accident. The runtime's own start is in it: without src/twill/Start/shortcuts.c
    /// the first row has 168 calls.
    /// </remarks>
    public static TheoryData<string, string, int, int, int> Bounds => new()
    {
        { "plain", "ADD", 7, 11, 128 },
        { "masquerade", "ADD", 8, 12, 138 },
        { "dual", "ADD", 15, 26, 170 },
        // One ADD in 128: it looks whether other pods' ifb devices are forgotten (docs/adr/0011).
        { "dual, looking around", "ADD", 17, 28, 178 },
        { "plain", "DEL", 4, 4, 110 },
        { "masquerade", "DEL", 4, 4, 110 },
        { "dual", "DEL", 7, 7, 126 },
    };

    [Theory]
    [MemberData(nameof(Bounds))]
    [Trait("cni", "E05")]
    [Trait("cni", "D09")]
    public void AddAndDel_OfOnePodAmongOthers_ExecuteConnectWriteNothing(string configuration, string verb, int maxSends, int maxMessages, int maxCalls)
    {
        Net net = configuration switch { "plain" => Net.Plain(), "masquerade" => Net.Masquerade(), "dual" => Net.Dual(), _ => Net.DualThatLooksAround() };
        using var host = new HostNamespace { LooksAround = net.LooksAround };
        net.Add(host, host.NewPod()).Succeeded();
        Pod pod = host.NewPod();
        if (verb == "DEL") net.Add(host, pod).Succeeded();
        TracedRun run = TracedRun.Of(net.Call(verb, pod) with { CniPath = null }, host, Strike.Never);
        run.Outcome.Succeeded();
        TraceReport report = run.Report;
        TestContext.Current.TestOutputHelper?.WriteLine($"{configuration} {verb}: {report.Sends} sends, {report.Messages} messages ({report.Reads} of them questions), {report.Calls} system calls, {report.MaxRssKb} KiB\n{string.Join('\n', report.Points)}");

        Assert.Empty(report.Execs);
        Assert.Empty(report.Connects);
        Assert.All(report.Written, path => Assert.True(path.StartsWith("/proc/sys/net/", StringComparison.Ordinal) || path is "/dev/null", $"{verb} opened {path} for writing"));
        Assert.DoesNotContain(report.Points, p => p.Split(' ')[0] is "rename" or "unlink" or "mkdir" or "mount" or "fsync" or "link" or "create");
        Assert.Equal(1, report.Notes); // how it ended, for the agent's metrics
        Assert.InRange(report.Sends, 1, maxSends);
        Assert.InRange(report.Messages, 1, maxMessages);
        Assert.InRange(report.Calls, 1, maxCalls);
    }

    [Fact]
    [Trait("cni", "D09")]
    public void FirstAdd_ThatMakesTheBridge_WritesOnlySysctls()
    {
        Net net = Net.Dual();
        using var host = new HostNamespace();
        TraceReport report = TracedRun.Of(net.Call("ADD", host.NewPod()), host, Strike.Never).Report;
        Assert.Empty(report.Execs);
        Assert.Empty(report.Connects);
        Assert.All(report.Written, path => Assert.True(path.StartsWith("/proc/sys/net/", StringComparison.Ordinal) || path is "/dev/null", $"ADD opened {path} for writing"));
    }

    [Fact]
    public void Add_WithAHundredPodsThere_SendsWhatItSendsWithOne()
    {
        Net net = Net.Plain();
        using var host = new HostNamespace();
        int Sends(out int calls)
        {
            TraceReport report = TracedRun.Of(net.Call("ADD", host.NewPod()), host, Strike.Never).Report;
            calls = report.Calls;
            return report.Sends;
        }

        net.Add(host, host.NewPod()).Succeeded();
        int one = Sends(out int callsOfOne);
        for (int i = 0; i < 100; i++) net.Add(host, host.NewPod()).Succeeded();
        int hundred = Sends(out int callsOfHundred);
        Assert.Equal(one, hundred);
        Assert.InRange(callsOfHundred, 1, callsOfOne + 20);
    }

    [Fact]
    [Trait("cni", "G14")]
    public void Gc_OfManyStale_TakesAFixedNumberOfSends()
    {
        Net net = Net.Plain();
        var sends = new List<int>();
        foreach (int stale in (int[])[5, 50])
        {
            using var host = new HostNamespace();
            for (int i = 0; i < stale; i++) net.Add(host, host.NewPod()).Succeeded();
            TracedRun run = TracedRun.Of(net.Gc(), host, Strike.Never);
            run.Outcome.Succeeded();
            Assert.Empty(run.Report.Execs);
            Expect.None(net.Audit(host));
            sends.Add(run.Report.Sends);
        }

        Assert.Equal(sends[0], sends[1]);
        Assert.InRange(sends[0], 1, 6);
    }

    [Theory]
    [InlineData("CHECK")]
    [InlineData("STATUS")]
    [InlineData("VERSION")]
    [Trait("cni", "K07")]
    [Trait("cni", "S06")]
    public void Question_Asked_ExecutesConnectsWritesChangesNothing(string verb)
    {
        Net net = Net.Dual();
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        PluginOutcome add = net.Add(host, pod).Succeeded();
        string before = host.Dump();
        PluginRun call = verb == "CHECK" ? net.Call(verb, pod, prevResult: add.Result.Json) : net.Call(verb);
        TracedRun run = TracedRun.Of(call, host, Strike.Never);
        Assert.True(run.Outcome.Ok, run.Outcome.ToString());
        Assert.Empty(run.Report.Execs);
        Assert.Empty(run.Report.Connects);
        Assert.All(run.Report.Written, path => Assert.Equal("/dev/null", path));
        Assert.Equal(run.Report.Messages, run.Report.Reads);
        Assert.Equal(before, host.Dump());
    }

    /// <summary>The tracer sees what it is to see: the reference plugin executes, and writes lease files.</summary>
    [Fact]
    public void Tracer_ReferencePlugin_IsSeenExecutingAndWriting()
    {
        using var leases = new LeaseDirectory();
        using var host = new HostNamespace();
        TraceReport report = TracedRun.Of(Net.Reference(leases.Path, masquerade: true).Call("ADD", host.NewPod()), host, Strike.Never).Report;
        Assert.Contains(report.Execs, p => p.EndsWith("/host-local", StringComparison.Ordinal));
        Assert.Contains(report.Execs, p => p.Contains("tables", StringComparison.Ordinal));
        Assert.Contains(report.Written, p => p.StartsWith(leases.Path, StringComparison.Ordinal));
        Assert.Contains(report.Points, p => p.StartsWith("create", StringComparison.Ordinal));
        Assert.True(report.Sends > 20, $"{report.Sends} sends");

        TraceReport shell = TracedRun.Of(new PluginRun("X") { Binary = "/bin/sh", Input = "exec 3<>/dev/null; echo hello > /tmp/twill-tracer-probe; rm /tmp/twill-tracer-probe"u8.ToArray() }, host, Strike.Never).Report;
        Assert.Contains("/tmp/twill-tracer-probe", shell.Written);
        Assert.Contains("unlink /tmp/twill-tracer-probe", shell.Points);
    }
}
