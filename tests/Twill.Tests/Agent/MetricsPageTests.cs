using System.Text;
using System.Text.RegularExpressions;
using Twill.Agent.Answers;
using Twill.Agent.Paths;
using Twill.Fabric.Keep;
using Twill.Plugin;
using Twill.Tests.Cli;
using Twill.Tests.Lab;
using Xunit;

namespace Twill.Tests.Agent;

/// <summary>docs/metrics.md is made of what the agent prints; and what was promised is there.</summary>
public sealed partial class MetricsPageTests
{
    /// <summary>Promised names, with the labels of each.</summary>
    private static readonly (string Name, string[] Labels)[] s_promised =
    [
        ("twill_build_info", []), ("twill_cni_requests_total", ["op", "code"]), ("twill_cni_duration_seconds", ["op"]), ("twill_ipam_addresses", ["state"]), ("twill_pods", []), ("twill_routes", ["state"]),
        ("twill_repairs_total", ["object", "by"]), ("twill_repair_seconds", []), ("twill_resyncs_total", ["reason"]), ("twill_nft_apply_seconds", []), ("twill_nft_elements", []),
        ("twill_path_rtt_seconds", ["node"]), ("twill_path_up", ["node"]), ("twill_api_connected", []), ("twill_watch_lag_seconds", []),
    ];

    [Fact]
    public void Promised_EachName_IsThereWithItsLabels()
    {
        string text = Full();
        foreach ((string name, string[] labels) in s_promised)
        {
            Assert.Contains($"# TYPE {name} ", text, StringComparison.Ordinal);
            string line = text.Split('\n').First(l => l.StartsWith(name, StringComparison.Ordinal));
            Assert.All(labels, l => Assert.Contains($"{l}=\"", line, StringComparison.Ordinal));
        }

        foreach (string reason in (string[])["overrun", "interrupted", "timer", "error"]) Assert.Contains($"twill_resyncs_total{{reason=\"{reason}\"}}", text, StringComparison.Ordinal);
        foreach (string state in (string[])["used", "free", "leaked"]) Assert.Contains($",state=\"{state}\"}}", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_OfOneName_FollowEachOther_AndEachNameHasItsUnit()
    {
        string[] names = [.. Full().Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => Regex.Match(l, "^[a-z0-9_]+").Value).Select(n => Regex.Replace(n, "_(bucket|sum|count)$", ""))];
        Assert.Equal(names.Distinct().Count(), names.Where((n, i) => i == 0 || names[i - 1] != n).Count());
        Assert.DoesNotContain(names, n => Regex.IsMatch(n, "_(ms|kb|mib|milliseconds)$"));
    }

    /// <summary>TWILL_UPDATE_GOLDEN=1 writes the table anew.</summary>
    [Fact]
    public void Page_TableIsMadeOfWhatIsPrinted()
    {
        string path = Path.Combine(SchemaAssert.Folder, "..", "metrics.md"), page = File.ReadAllText(path), text = Full();
        var table = new StringBuilder("| name | kind | labels | |\n|---|---|---|---|\n");
        foreach (Match help in Help().Matches(text))
        {
            string name = help.Groups[1].Value;
            string kind = Regex.Match(text, $"# TYPE {name} (.*)").Groups[1].Value;
            var labels = Regex.Matches(text, $@"^{name}(?:_bucket)?\{{(.*)\}}", RegexOptions.Multiline).SelectMany(l => Regex.Matches(l.Groups[1].Value, "([a-z]+)=").Select(m => m.Groups[1].Value)).Where(l => l != "le").Distinct();
            table.Append($"| `{name}` | {kind} | {string.Join(", ", labels.Select(l => $"`{l}`"))} | {help.Groups[2].Value} |\n");
        }

        int start = page.IndexOf("| name |", StringComparison.Ordinal), end = page.LastIndexOf("|\n", StringComparison.Ordinal) + 2;
        Golden.Check(path, $"{page[..start]}{table}{page[end..]}");
    }

    [Fact]
    public void Paths_ManyNodes_LabelsAreBounded_AndThoseThatFailAreTold()
    {
        PathReading[] paths = [.. Enumerable.Range(0, 5000).Select(i => new PathReading($"n{i}", i == 4711 ? null : 0.001))];
        string text = AgentMetrics.Text(AgentSamples.Facts with { Paths = paths }, AgentSamples.Kernel, new RepairTally(), new RunTally(), new ProcessFigures(1, 2, 3));
        Assert.Contains("twill_path_up{node=\"n4711\"} 0\n", text, StringComparison.Ordinal);
        Assert.Equal(1, Regex.Count(text, "twill_path_up{"));
        Assert.Contains("twill_paths{state=\"up\"} 4999\n", text, StringComparison.Ordinal);
        text = AgentMetrics.Text(AgentSamples.Facts with { Paths = [.. paths.Select(p => p with { Seconds = null })] }, AgentSamples.Kernel, new RepairTally(), new RunTally(), new ProcessFigures(1, 2, 3));
        Assert.Equal(AgentMetrics.MaxNodes, Regex.Count(text, "twill_path_up{"));
    }

    [Theory]
    [InlineData("ADD 0 1234", "ADD", 0, 1234)]
    [InlineData("none 4 9", "none", 4, 9)]
    [InlineData("add 0 1234", null, 0, 0)]
    [InlineData("ADD -1 1234", null, 0, 0)]
    [InlineData("ADD 0", null, 0, 0)]
    [InlineData("ADD 0 1234 5", null, 0, 0)]
    [InlineData("ADD 0 99999999999999999999", null, 0, 0)]
    public void RunNote_IsReadBack_AndNothingElseIs(string text, string? verb, int code, long microseconds)
    {
        bool read = RunNote.TryParse(Encoding.ASCII.GetBytes(text), out RunNote note);
        Assert.Equal(verb is not null, read);
        if (!read) return;
        Assert.Equal(new RunNote(verb!, code, microseconds), note);
        Assert.Equal(text, note.ToString());
    }

    [Fact]
    public void Runs_StrangeCodes_AreOneLabel()
    {
        var runs = new RunTally();
        for (int i = 0; i < 1000; i++) runs.Note(new RunNote("ADD", 10_000 + i, 1));
        runs.Note(new RunNote("ADD", 101, 1));
        Assert.Equal([("ADD", "101", 1L), ("ADD", RunTally.OtherCode, 1000L)], runs.Counts);
    }

    [Fact]
    public void Turn_ManyNodes_EverybodyIsAskedOnceARound()
    {
        PathTarget[] targets = [.. Enumerable.Range(0, 150).Select(i => new PathTarget($"n{i:000}", default))];
        List<string> asked = [];
        string last = "";
        for (int i = 0; i < 3; i++)
        {
            List<PathTarget> turn = PathProbe.Turn(targets, last);
            Assert.Equal(PathProbe.MaxEachRound, turn.Count);
            asked.AddRange(turn.Select(t => t.Node));
            last = turn[^1].Node;
        }

        Assert.Equal(150, asked.Take(150).Distinct().Count());
        Assert.Equal("n000", asked[150]);
        Assert.Single(PathProbe.Turn(targets[..1], "n000"));
        Assert.Empty(PathProbe.Turn([], "n000"));
    }

    [Fact]
    public void Targets_NearByItsAddress_FarByItsEndOfTheTunnel()
    {
        IReadOnlyList<PathTarget> targets = PathTarget.Of(AgentSamples.Facts.Whole(), AgentSamples.Nodes);
        Assert.Equal(["node2 192.168.1.12", "node3 10.244.3.0"], targets.Select(t => $"{t.Node} {t.Address}"));
        Assert.Empty(PathTarget.Of(null, AgentSamples.Nodes));
    }

    /// <summary>With one sample at least of each name.</summary>
    private static string Full()
    {
        var repairs = new RepairTally();
        repairs.Note(new KeeperEvent(KeeperEventKind.Repaired, "route 10.244.2.0/24", "put back") { By = "ip", Ms = 0.4 });
        var runs = new RunTally();
        runs.Note(new RunNote("ADD", 0, 3400));
        return AgentMetrics.Text(AgentSamples.Facts with { Paths = [new PathReading("node2", 0.0002), new PathReading("node3", null)] }, AgentSamples.Kernel, repairs, runs, new ProcessFigures(1, 2, 3));
    }

    [GeneratedRegex("^# HELP (\\S+) (.*)$", RegexOptions.Multiline)]
    private static partial Regex Help();
}
