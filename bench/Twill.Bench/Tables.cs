namespace Twill.Bench;

/// <summary>The tables of a run, as heads and rows; <see cref="Text"/> prints them plain or as Markdown.</summary>
public static class Tables
{
    public readonly record struct Table(IReadOnlyList<string> Head, IReadOnlyList<IReadOnlyList<string>> Rows, int LeftColumns)
    {
        public string Plain => Text.Plain(Head, Rows, LeftColumns);

        public string Markdown => Text.Markdown(Head, Rows, LeftColumns);
    }

    /// <summary>Calls at so many workers; one row per configuration, pods present, verb and peer.</summary>
    public static Table Calls(Results results, BenchOptions options, bool sequential)
    {
        string[] head = ["configuration", "verb", "against", .. sequential ? (string[])[] : ["at once"], "pods", "twill p50", "p99", "peer p50", "p99", "p50 ratio", "p99 ratio", "aim", "", .. sequential ? (string[])["CPU ms", "peer"] : ["calls/s", "peer"], "n", "failed"];
        IReadOnlyList<string> Row(Comparison c) =>
        [
            c.Scenario.Key, c.Verb, c.Peer, .. sequential ? (string[])[] : [$"{c.Workers}"], $"{c.Pods}", Text.Ms(c.Ours.Ms(0.5)), Text.Ms(c.Ours.Ms(0.99)), Text.Ms(c.Theirs.Ms(0.5)), Text.Ms(c.Theirs.Ms(0.99)),
            Text.Ratio(c.Ratio50), Text.Ratio(c.Ratio99), Text.Aim(c.Aim), c.Verdict,
            .. sequential ? (string[])[Text.Ms(c.Ours.CpuMs), Text.Ms(c.Theirs.CpuMs)] : [Text.Number(c.Ours.PerSecond), Text.Number(c.Theirs.PerSecond)],
            $"{c.Ours.Samples.Count}/{c.Theirs.Samples.Count}", $"{c.Ours.Failed}/{c.Theirs.Failed}",
        ];
        return new Table(head, [.. Comparison.Of(results, options).Where(c => c.Workers == 1 == sequential).Select(Row)], 3);
    }

    public static Table Counts(Results results)
    {
        string[] head = ["configuration", "verb", .. results.Subjects.SelectMany(s => (string[])[$"{s.Name}: processes", "threads more", "system calls"])];
        var rows = new List<IReadOnlyList<string>>();
        foreach (Scenario scenario in results.Scenarios)
        {
            foreach (string verb in (string[])["ADD", "DEL"])
            {
                CallCount?[] counts = [.. results.Subjects.Select(s => results.Counts.Find(c => c.Scenario == scenario.Key && c.Verb == verb && c.Subject == s.Name))];
                if (counts.All(c => c is null)) continue;
                rows.Add([scenario.Key, verb, .. counts.SelectMany(c => (string[])[Text.Number(c?.Processes ?? double.NaN), Text.Number(c?.Threads ?? double.NaN), Text.Number(c?.Calls ?? double.NaN)])]);
            }
        }

        return new Table(head, rows, 2);
    }

    public static Table Flat(Results results, BenchOptions options)
        => new(["configuration", "verb", "plugin", "pods", "p50 ratio", "p99 from", "p99 to", "p99 ratio", "aim", ""],
            [.. Flatness.Of(results, options).Select(f => (string[])[f.Scenario.Key, f.Verb, f.Subject, $"{f.FewPods} to {f.ManyPods}", $"{f.Ratio50:F2}", Text.Ms(f.P99Few), Text.Ms(f.P99Many), $"{f.Ratio99:F2}", $"{Flatness.Aim}", f.Verdict])], 3);

    public static Table Floors(Results results)
        => new(["floor", "p50 ms", "p99 ms", "p90 by p10", "p50 moved by", "page faults", "n"],
            [.. results.Floors.Select(name => (name, ms: results.FloorMs(name))).Select(f => (string[])[f.name, Text.Ms(Series.Quantile(f.ms, 0.5)), Text.Ms(Series.Quantile(f.ms, 0.99)),
                $"{Series.Quantile(f.ms, 0.9) / Series.Quantile(f.ms, 0.1):F2}", $"{results.Spread(f.name) * 100:F0} %", Text.Number(results.FloorFaults(f.name)), $"{f.ms.Length}"])], 1);
}
