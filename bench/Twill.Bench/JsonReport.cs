using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Twill.Bench;

/// <summary>docs/bench/attach.json: every call's nanoseconds, in the order of the rounds.</summary>
public static class JsonReport
{
    private static readonly JsonSerializerOptions s_line = new() { WriteIndented = false };

    public static string Write(Results results, BenchOptions options, Machine machine, Guard guard)
    {
        var head = new JsonObject
        {
            ["date"] = options.Date,
            ["commit"] = options.Commit,
            ["command"] = options.Command,
            ["standIn"] = options.StandIn,
            ["interrupted"] = results.Interrupted,
            ["machine"] = new JsonObject { ["cpu"] = machine.Cpu, ["cpus"] = machine.Cpus, ["memory"] = machine.Memory, ["kernel"] = machine.Kernel, ["system"] = machine.System, ["iptables"] = machine.Iptables, ["mounts"] = machine.Mounts, ["loadBefore"] = machine.LoadBefore },
            ["subjects"] = new JsonArray([.. results.Subjects.Select(s => (JsonNode)new JsonObject { ["name"] = s.Name, ["version"] = s.Version })]),
            ["checked"] = guard.Checked,
            ["violations"] = guard.Count,
        };
        var floors = results.Floors.Select(name => (JsonNode)new JsonObject { ["floor"] = name, ["us"] = Micros(results.FloorMs(name).Select(ms => ms * 1000)) });
        var counts = results.Counts.Select(c => (JsonNode)new JsonObject
        {
            ["config"] = c.Scenario,
            ["verb"] = c.Verb,
            ["subject"] = c.Subject,
            ["processes"] = c.Processes,
            ["threads"] = c.Threads,
            ["systemCalls"] = c.Calls,
            ["byNumber"] = new JsonObject(c.Histogram.OrderByDescending(h => h.Value).Select(h => KeyValuePair.Create(h.Key.ToString(CultureInfo.InvariantCulture), (JsonNode?)JsonValue.Create(h.Value)))),
        });
        var rows = results.Rows.Select(row => (JsonNode)new JsonObject
        {
            ["config"] = row.Key.Scenario,
            ["pods"] = row.Key.Pods,
            ["workers"] = row.Key.Workers,
            ["verb"] = row.Key.Verb,
            ["subject"] = row.Key.Subject,
            ["failed"] = row.Value.Failed,
            ["perSecond"] = Math.Round(row.Value.PerSecond, 1),
            ["p50Ms"] = row.Value.Samples.Count == 0 ? null : Math.Round(row.Value.Ms(0.5), 4),
            ["p99Ms"] = row.Value.Samples.Count == 0 ? null : Math.Round(row.Value.Ms(0.99), 4),
            ["cpuMs"] = row.Value.Samples.Count == 0 ? null : Math.Round(row.Value.CpuMs, 3),
            ["faults"] = row.Value.Samples.Count == 0 ? null : row.Value.Faults,
            ["us"] = Micros(row.Value.Samples.Select(s => s.Ns / 1e3)),
        });
        string headText = head.ToJsonString(s_line);
        return $"{headText[..^1]},\n\"floors\":{Lines(floors)},\n\"counts\":{Lines(counts)},\n\"rows\":{Lines(rows)}}}\n";
    }

    /// <summary>One record a line, so that a diff shows what moved.</summary>
    private static string Lines(IEnumerable<JsonNode> nodes) => $"[\n{string.Join(",\n", nodes.Select(n => n.ToJsonString(s_line)))}\n]";

    private static JsonArray Micros(IEnumerable<double> micros) => new([.. micros.Select(us => (JsonNode)JsonValue.Create((long)Math.Round(us)))]);
}
