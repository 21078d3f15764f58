using System.Globalization;
using System.Text;
using Twill.Lab;

namespace Twill.Trace;

/// <summary>The hops for a reader.</summary>
internal static class TraceText
{
    /// <summary>What is left for the words when all other columns have theirs; below it lines only get longer.</summary>
    private const int LeastWords = 28;

    /// <summary>"predicted  seen       +µs", with the spaces before.</summary>
    private const int Columns = 30;

    internal static string Draw(TraceReport report, int width, Style style)
    {
        var text = new StringBuilder();
        Packet sent = report.Prediction.Sent;
        string kind = sent.Kind switch
        {
            TraceProtocol.Tcp => $"tcp {sent.SourcePort} {style.Arrow} {sent.DestinationPort} syn",
            TraceProtocol.Udp => $"udp {sent.SourcePort} {style.Arrow} {sent.DestinationPort}",
            _ => "icmp echo",
        };
        text.Append(' ').Append(style.Strong($"{report.Prediction.From.Text}  {style.Arrow}  {report.Prediction.To.Text}")).Append($"   {kind}, {sent.Length} bytes").Append("\n\n");
        Table(text, report.Comparison.There, width, style);
        bool back = report.Comparison.Back.Count > 0 && (report.Request.Reply || report.Prediction.Back?.Cause is not null || report.Comparison.Differences.Any(d => d.StartsWith("the answer", StringComparison.Ordinal)));
        if (back)
        {
            text.Append("\n the way back\n");
            Table(text, report.Comparison.Back, width, style);
        }

        text.Append('\n');
        Verdict(text, report, style);
        return text.ToString();
    }

    private static void Table(StringBuilder text, IReadOnlyList<HopRow> rows, int width, Style style)
    {
        bool seen = rows.Any(r => r.Seen != Seen.NotAsked);
        int where = Math.Max("where".Length, rows.Max(r => r.Hop.Place.Length + 1 + r.Hop.Where.Length));
        int room = Math.Max(LeastWords, width - where - 7 - (seen ? Columns : 11));
        int what = Math.Min(room, Math.Max("what happens".Length, rows.Max(r => r.Hop.What.Length)));
        text.Append(Line(" #", "where".PadRight(where), "what happens".PadRight(what), "predicted", seen ? "seen     " : null, seen ? "   +µs" : null, style)).Append('\n');
        for (int i = 0; i < rows.Count; i++)
        {
            HopRow row = rows[i];
            List<string> words = Wrap(row.Hop.What, what);
            string micros = row.Micros is { } m ? m.ToString("0", CultureInfo.InvariantCulture).PadLeft(6) : "      ";
            string place = $"{row.Hop.Place} {row.Hop.Where}".PadRight(where);
            text.Append(Line($"{i + 1,2}", place, words[0].PadRight(what), row.Hop.Ok ? style.Good("ok".PadRight(9)) : style.Bad("DROP".PadRight(9)), seen ? Mark(row.Seen, style) : null, seen ? micros : null, style)).Append('\n');
            foreach (string more in words.Skip(1)) text.Append(' ', where + 6).Append(more).Append('\n');
        }
    }

    private static string Line(string number, string where, string what, string predicted, string? seen, string? micros, Style style)
    {
        string line = $" {number}  {where}  {what}  {predicted}{(seen is null ? "" : $"  {seen}")}{(micros is null ? "" : $"{micros}")}";
        return (style.Unicode ? line : line.Replace("µ", "u", StringComparison.Ordinal)).TrimEnd();
    }

    private static string Mark(Seen seen, Style style) => seen switch
    {
        Seen.Yes => style.Good("ok       "),
        Seen.Passed => style.Good("passed   "),
        Seen.Lost => style.Bad("DROP     "),
        Seen.NotAsked => "         ",
        _ => "-        ",
    };

    private static void Verdict(StringBuilder text, TraceReport report, Style style)
    {
        string good = style.Unicode ? "✓" : "ok:", bad = style.Unicode ? "✗" : "!!";
        Prediction p = report.Prediction;
        string[] nat = [.. p.Translations.Select(t => $"{t.Words} at {t.Namespace}")];
        string translated = nat.Length == 0 ? "no NAT" : string.Join(", ", nat);
        if (report.Reaches)
        {
            string time = report.RoundTripMicros is { } micros ? string.Create(CultureInfo.InvariantCulture, $", there and back in {micros / 1000:0.00} ms") : report.Seen is null ? ", as predicted; nothing was sent" : "";
            text.Append(' ').Append(style.Good(good)).Append($" reaches {p.To.Word}: {translated}{time}{(report.Refused ? $"; nobody listens on {p.Sent.Kind.ToString().ToLowerInvariant()} port {p.Sent.DestinationPort} there" : "")}\n");
        }
        else
        {
            string cause = p.Cause?.Sentence ?? "nothing that was read explains it";
            text.Append(' ').Append(style.Bad(bad)).Append(p.Reaches ? $" does not reach {p.To.Word}, though it should\n" : $" does not reach {p.To.Word}: {cause}\n");
        }

        if (report.SendError is { } error) text.Append($"   the kernel did not send it: {error}\n");
        if (report.Message is { } message) text.Append($"   {message.Source} told the sender: {message.Words}\n");
        if (report.Seen is { } seen && !report.Reaches)
        {
            foreach (string drop in seen.RuleDrops) text.Append($"   dropped by {drop} (nftables trace)\n");
            if (seen.DropReasons.Count > 0) text.Append($"   kernel's reason: {string.Join(", ", seen.DropReasons.Distinct())}\n");
            else if (seen.NoDropReasons is { } why) text.Append($"   the kernel tells no drop reasons here ({why})\n");
        }

        if (!report.Reaches) text.Append($"   cause and cure: twill why {report.Request.From} {report.Request.To}\n");
        foreach (string rule in p.There.Unknown.Concat(p.Back?.Unknown ?? []).Distinct()) text.Append($"   not understood, taken for not matching: {rule}\n");
        if (report.Agrees) return;
        text.Append(' ').Append(style.Bad("prediction and observation differ:")).Append('\n');
        foreach (string difference in report.Comparison.Differences) text.Append($"   {(style.Unicode ? difference : difference.Replace("→", "->", StringComparison.Ordinal))}\n");
        text.Append("   either the network changed meanwhile, or twill is wrong: please report it with `twill trace -o json`\n");
    }

    /// <summary>At spaces; a word longer than the room stays whole.</summary>
    private static List<string> Wrap(string text, int room)
    {
        var lines = new List<string>();
        var line = new StringBuilder();
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > room)
            {
                lines.Add(line.ToString());
                line.Clear();
            }

            if (line.Length > 0) line.Append(' ');
            line.Append(word);
        }

        lines.Add(line.ToString());
        return lines;
    }
}
