using System.Globalization;
using System.Text;

namespace Twill.Lab;

/// <summary>The report of pingall as text: a pure function.</summary>
internal static class PingText
{
    private const int MaxFailures = 12;

    /// <param name="width">Columns; where the times do not fit, one character stands for each way.</param>
    internal static string Draw(PingReport report, int width, Style style)
    {
        var text = new StringBuilder();
        if (report.Sampled) text.Append($"{report.AllPods} pods on {report.AllNodes} nodes are more than a matrix shows: an even sample of {report.Pods.Count} pods and {report.Nodes.Count} nodes\n\n");
        int label = Math.Max(6, report.Pods.Concat(report.Nodes).Select(e => e.Name.Length).DefaultIfEmpty(0).Max());
        int cell = Math.Max(5, report.Pods.Select(e => e.Name.Length).DefaultIfEmpty(0).Max()) + 1;
        int extra = report.Internet is null ? 0 : Math.Max(cell, report.Internet.Address.ToString().Length + 1);
        bool times = 1 + label + (report.Pods.Count * cell) + extra <= width;
        if (times) Times(text, report, label, cell, extra, style);
        else Marks(text, report, label, style);

        text.Append('\n');
        Failures(text, report, style);
        Summary(text, report, style);
        return text.ToString();
    }

    private static void Times(StringBuilder text, PingReport report, int label, int cell, int extra, Style style)
    {
        text.Append(' ').Append(' ', label);
        foreach (PingEndpoint to in report.Pods) text.Append(to.Name.PadLeft(cell));
        if (report.Internet is { } internet) text.Append(internet.Address.ToString().PadLeft(extra));
        text.Append("   ms\n");
        foreach (PingEndpoint from in report.Pods.Concat(report.Nodes))
        {
            text.Append(' ').Append(from.Name.PadRight(label));
            foreach (PingEndpoint to in report.Pods) text.Append(Cell(report, from, to, cell, style));
            if (report.Internet is { } far && from.Kind == LabKind.Pod) text.Append(Cell(report, from, far, extra, style));
            text.Append('\n');
        }
    }

    private static string Cell(PingReport report, PingEndpoint from, PingEndpoint to, int width, Style style)
    {
        if (from == to) return style.Dot.PadLeft(width - 1) + " ";
        return report.Of(from, to) switch
        {
            null => new string(' ', width),
            { Reached: false } => style.Bad("lost".PadLeft(width)),
            { WrongSource: true } => style.Bad("NAT".PadLeft(width)),
            { } result => Number(result.RttMs ?? 0).PadLeft(width),
        };
    }

    private static void Marks(StringBuilder text, PingReport report, int label, Style style)
    {
        text.Append($" rows ping columns, both in this order; o answered, x lost, N translated, {style.Dot} itself; then the internet\n");
        foreach (PingEndpoint from in report.Pods.Concat(report.Nodes))
        {
            text.Append(' ').Append(from.Name.PadRight(label)).Append(' ');
            double sum = 0, most = 0;
            int answered = 0;
            foreach (PingEndpoint to in report.Internet is { } internet && from.Kind == LabKind.Pod ? [.. report.Pods, internet] : report.Pods)
            {
                PingResult? result = report.Of(from, to);
                text.Append(to == from ? style.Dot : result switch { null => " ", { Reached: false } => style.Bad("x"), { WrongSource: true } => style.Bad("N"), _ => "o" });
                if (result?.RttMs is not { } ms) continue;
                sum += ms;
                most = Math.Max(most, ms);
                answered++;
            }

            if (answered > 0) text.Append($"  avg {Number(sum / answered)} max {Number(most)} ms");
            text.Append('\n');
        }
    }

    private static void Failures(StringBuilder text, PingReport report, Style style)
    {
        PingResult[] failures = [.. report.Results.Where(r => !r.Ok)];
        foreach (PingResult f in failures.Take(MaxFailures))
        {
            string what = f.WrongSource
                ? f.To.Kind == LabKind.Internet ? $"arrives as {f.SeenAs}, not as its node's {f.ShouldBe}: not masqueraded, so no answer finds back" : $"arrives as {f.SeenAs}, not as {f.ShouldBe}: translated where it must not be"
                : f.Error is { } error ? $"not sent: {error}"
                : f.SeenAs is null ? "lost on the way there" : "arrives, but no answer comes back";
            text.Append(' ').Append(style.Bad($"{f.From.Name} {style.Arrow} {f.To.Name} {f.To.Address}: {what}")).Append('\n');
        }

        if (failures.Length > MaxFailures) text.Append($" and {failures.Length - MaxFailures} more\n");
    }

    private static void Summary(StringBuilder text, PingReport report, Style style)
    {
        PingResult[] pods = [.. report.Between(LabKind.Pod, LabKind.Pod)], nodes = [.. report.Between(LabKind.Node, LabKind.Pod)], internet = [.. report.Between(LabKind.Pod, LabKind.Internet)];
        text.Append(Count("pods to pods:", pods, style)).Append(Count("nodes to pods:", nodes, style)).Append(Count("pods to internet:", internet, style));
        PingResult[] inside = [.. pods, .. nodes];
        int translated = inside.Count(r => r.WrongSource), seen = inside.Count(r => r.SeenAs is not null);
        var sources = new SortedSet<string>(internet.Where(r => r.SeenAs is not null).Select(r => r.SeenAs!.Value.ToString()), StringComparer.Ordinal);
        text.Append(" source addresses seen at the far side: ");
        text.Append(seen == 0 ? "none arrived" : translated == 0 ? "unchanged between pods (no NAT)" : style.Bad($"{translated} of {seen} translated"));
        if (report.Internet is not { } far) return;
        bool masqueraded = internet.Length > 0 && internet.All(r => r.SeenAs is null || !r.WrongSource);
        text.Append(sources.Count == 0 ? $"; nothing at {far.Address}" : $"; {Some(sources)} at {far.Address} {(masqueraded ? "(masqueraded)" : style.Bad("(NOT masqueraded)"))}").Append('\n');
    }

    private static string Count(string what, PingResult[] results, Style style)
    {
        if (results.Length == 0) return "";
        int reached = results.Count(r => r.Reached);
        string counts = $"{reached} of {results.Length} reachable, {results.Length - reached} lost";
        return $" {what,-18}{(reached == results.Length ? style.Good(counts) : style.Bad(counts))}\n";
    }

    private static string Some(SortedSet<string> sources) => sources.Count <= 3 ? string.Join(", ", sources) : $"{string.Join(", ", sources.Take(3))} and {sources.Count - 3} more";

    private static string Number(double ms) => ms.ToString(ms < 10 ? "0.00" : "0", CultureInfo.InvariantCulture);
}
