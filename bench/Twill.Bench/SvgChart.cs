using System.Globalization;
using System.Text;

namespace Twill.Bench;

/// <summary>docs/bench/attach.svg: the peer's time is the whole width, Twill's a part of it, because only ratios carry over.</summary>
public static class SvgChart
{
    private const int Width = 880, Left = 24, PanelWidth = 400, PanelGap = 32, Top = 92, GroupHeight = 74, BarHeight = 16, LabelWidth = 130;

    public static string Write(Results results, BenchOptions options, Machine machine)
    {
        int pods = options.Pods[0], workers = options.Workers[0];
        Comparison[] all = [.. Comparison.Of(results, options).Where(c => c.Pods == pods && c.Workers == workers)];
        Scenario[] scenarios = [.. results.Scenarios.Where(s => all.Any(c => c.Scenario == s))];
        int bars = results.Subjects.Count;
        int group = GroupHeight + ((bars - 2) * (BarHeight + 3));
        int height = Top + (scenarios.Length * group) + 44;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" width="{Width}" height="{height}" role="img" aria-label="Time of ADD and DEL, Twill's as a part of the reference plugins'">
            <style>
            svg {"{"} font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; --paper: #ffffff; --ink: #1c2430; --faint: #5b6675; --track: #e6e9ee; --peer: #a9b2bf; --ours: #0b7a75; --aim: #c2410c; {"}"}
            @media (prefers-color-scheme: dark) {"{"} svg {"{"} --paper: #11161d; --ink: #e8ecf2; --faint: #9aa6b5; --track: #232b36; --peer: #5d6978; --ours: #35c2b8; --aim: #fb923c; {"}"} {"}"}
            .paper {"{"} fill: var(--paper); {"}"} .track {"{"} fill: var(--track); {"}"} .peer {"{"} fill: var(--peer); {"}"} .ours {"{"} fill: var(--ours); {"}"} .aim {"{"} stroke: var(--aim); stroke-width: 2; {"}"}
            text {"{"} fill: var(--ink); font-size: 13px; {"}"} .title {"{"} font-size: 18px; font-weight: 600; {"}"} .head {"{"} font-size: 14px; font-weight: 600; {"}"} .faint {"{"} fill: var(--faint); font-size: 12px; {"}"} .strong {"{"} font-weight: 600; {"}"}
            .aimtext {"{"} fill: var(--aim); font-size: 11px; {"}"} text {"{"} font-variant-numeric: tabular-nums; {"}"}
            </style>
            <rect class="paper" width="{Width}" height="{height}" rx="8"/>
            <text class="title" x="{Left}" y="32">Attaching a pod{(options.StandIn ? " (a trial: the reference plays Twill's part)" : "")}</text>
            <text class="faint" x="{Left}" y="52">Median time of the whole process, {results.Subjects[1].Name} = full width. Orange: the aim.</text>

            """);
        for (int panel = 0; panel < 2; panel++)
        {
            string verb = panel == 0 ? "ADD" : "DEL";
            int x = Left + (panel * (PanelWidth + PanelGap));
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"head\" x=\"{x}\" y=\"{Top - 14}\">{verb}</text>\n");
            for (int i = 0; i < scenarios.Length; i++)
            {
                Comparison[] rows = [.. all.Where(c => c.Scenario == scenarios[i] && c.Verb == verb)];
                if (rows.Length > 0) Group(svg, rows, x, Top + (i * group));
            }
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"faint\" x=\"{Left}\" y=\"{height - 18}\">{Escape($"{options.Date}, commit {options.Commit}, {machine.Cpu}, {machine.Cpus} CPUs, kernel {machine.Kernel}. Only ratios carry over.")}</text>\n</svg>\n");
        return svg.ToString();
    }

    private static void Group(StringBuilder svg, Comparison[] rows, int x, int y)
    {
        Comparison first = rows[0];
        double whole = rows.Max(r => Math.Max(r.Theirs.Ms(0.5), r.Ours.Ms(0.5)));
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"{y + 12}\">{Escape(first.Scenario.Title)}</text>\n");
        string said = first.Ratio50 <= 1 ? $"1/{(1 / first.Ratio50).ToString("F1", CultureInfo.InvariantCulture)}" : $"x{first.Ratio50.ToString("F1", CultureInfo.InvariantCulture)}";
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"strong\" x=\"{x + PanelWidth}\" y=\"{y + 12}\" text-anchor=\"end\">{said}</text>\n");
        y += 20;
        double aimed = first.Aim is { } aim ? aim * first.Theirs.Ms(0.5) / whole : 0;
        Bar(svg, "ours", x, y, first.Ours.Ms(0.5) / whole, "twill", first.Ours.Ms(0.5), aimed);
        if (aimed > 0)
        {
            double at = x + (PanelWidth * aimed);
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"aim\" x1=\"{at:F1}\" y1=\"{y - 3}\" x2=\"{at:F1}\" y2=\"{y + BarHeight + 3}\"/>\n");
        }

        foreach (Comparison row in rows)
        {
            y += BarHeight + 3;
            Bar(svg, "peer", x, y, row.Theirs.Ms(0.5) / whole, row.Peer, row.Theirs.Ms(0.5));
        }
    }

    /// <summary>The label is inside where the bar is long enough, else behind it.</summary>
    private static void Bar(StringBuilder svg, string kind, int x, int y, double part, string name, double ms, double aimed = 0)
    {
        double width = Math.Max(2, part * PanelWidth);
        svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"track\" x=\"{x}\" y=\"{y}\" width=\"{PanelWidth}\" height=\"{BarHeight}\" rx=\"3\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{kind}\" x=\"{x}\" y=\"{y}\" width=\"{width:F1}\" height=\"{BarHeight}\" rx=\"3\"/>\n");
        // Behind the aim's mark too, where that would cut through the label.
        double behind = aimed * PanelWidth > width && aimed * PanelWidth < width + LabelWidth ? aimed * PanelWidth : width;
        double at = part > 0.5 ? x + 8 : x + behind + 12;
        string ink = part > 0.5 && kind == "ours" ? " style=\"fill: var(--paper)\"" : "";
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{at:F1}\" y=\"{y + 12}\" font-size=\"12\"{ink}>{Escape(name)} {Text.Ms(ms)} ms</text>\n");
    }

    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
