using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.HostPorts;

/// <summary>kill -9 at every second state-changing system call of ADD and DEL of a pod with ports, then the pod's namespace goes: nothing leads to its address once another has it.</summary>
public sealed class CrashTests : IDisposable
{
    private readonly HostPortNet _net = new();

    public void Dispose() => _net.Dispose();

    private static PluginRun Call(string verb, Pod pod, JsonObject? runtime, JsonObject? result = null) => HostPortNet.Network.With("runtimeConfig", runtime).Call(verb, pod, prevResult: result);

    private static JsonObject Ports() => new() { ["ips"] = new JsonArray("10.88.0.77", "fd88::77"), ["portMappings"] = HostPortNet.Mappings(["8080:80", "192.0.2.1:8053:53/udp"]) };

    [Theory]
    [InlineData("ADD")]
    [InlineData("DEL")]
    public void AddOrDel_Killed_TheHeirOfTheAddressGetsNothingElse(string verb)
    {
        _net.Add(_net.Host.NewPod(), "9090:90").Succeeded(); // a neighbour, whose port must stay
        int points = Strike(verb, 0, out _).Points.Count;
        Assert.InRange(points, verb == "ADD" ? 10 : 3, 60);
        var problems = new List<string>();
        for (int point = 1; point <= points; point += 2) // every second: CI has few minutes
        {
            // A DEL hears of its links' end in one message or in two.
            if (!Strike(verb, point, out string what).Killed && point < points - 1) problems.Add($"point {point} was not reached");
            Pod heir = _net.Host.NewPod(), next = _net.Host.NewPod();
            PluginOutcome inherited = Call("ADD", heir, new JsonObject { ["ips"] = new JsonArray("10.88.0.77", "fd88::77") }).In(_net.Host);
            if (!inherited.Ok) problems.Add($"{what}: the heir: {inherited}");
            string table = _net.Table();
            if (table.Contains("10.88.0.77", StringComparison.Ordinal) || table.Contains("fd88::77", StringComparison.Ordinal)) problems.Add($"{what}: the heir inherited a port: {table}");
            PluginOutcome port = _net.Add(next, "8080:80", "192.0.2.1:8053:53/udp");
            if (!port.Ok) problems.Add($"{what}: the port is not free: {port}");
            foreach (Pod pod in (Pod[])[heir, next]) HostPortNet.Network.DelCall(pod).In(_net.Host).Succeeded();
            table = _net.Table();
            if (table.Contains("8080", StringComparison.Ordinal) || table.Contains("8053", StringComparison.Ordinal)) problems.Add($"{what}: left over: {table}");
            if (!table.Contains("9090", StringComparison.Ordinal)) problems.Add($"{what}: the neighbour lost its port");
        }

        Expect.None(problems);
    }

    /// <summary>The call, killed at the exit of its point, or whole; then the namespace vanishes.</summary>
    /// <returns>What the tracer saw.</returns>
    private TraceReport Strike(string verb, int point, out string what)
    {
        using Pod pod = _net.Host.NewPod();
        PluginOutcome? added = verb == "DEL" ? Call("ADD", pod, Ports()).In(_net.Host).Succeeded() : null;
        TracedRun run = TracedRun.Of(Call(added is null ? "ADD" : "DEL", pod, Ports(), added?.Json), _net.Host, point == 0 ? Harness.Strike.Never : Harness.Strike.KillAtExit(point));
        what = run.Report.Points.Count > 0 ? $"killed at {run.Report.Points[^1]}" : "killed";
        int[] before = [.. _net.Host.Look().Links.Where(l => l.Name.StartsWith("tw", StringComparison.Ordinal)).Select(l => l.Index)];
        pod.Vanish();
        if (before.Length > 2) _net.Host.LookUntil(s => s.Links.Count(l => before.Contains(l.Index)) <= 2, 5000);
        return run.Report;
    }
}
