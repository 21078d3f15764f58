using System.Text;
using Twill.Lab;

namespace Twill.Trace;

/// <summary>One sentence, then what shows it, then what mends it.</summary>
internal static class WhyText
{
    /// <summary>Hops shown before the one that matters.</summary>
    private const int Before = 2;

    internal static string Draw(WhyReport report, Style style)
    {
        var text = new StringBuilder();
        if (report.Cause is not { } cause)
        {
            text.Append(' ').Append(style.Good("works")).Append($": {report.From} reaches {report.To}: {report.Works}\n");
            foreach (string note in report.Notes) text.Append($"   {note}\n");
            return text.ToString();
        }

        text.Append(' ').Append(style.Strong($"{cause.Sentence}."));
        if (report.Size is { } size) text.Append($" Small packets pass, those of {size} bytes do not.");
        text.Append('\n');
        if (report.Evidence is { } trace) Evidence(text, trace, style);
        foreach (string note in report.Notes) text.Append($"   {note}\n");
        if (cause.Fix.Count > 0)
        {
            text.Append($"   fix: {cause.Fix[0]}\n");
            foreach (string more in cause.Fix.Skip(1)) text.Append($"        {more}\n");
        }

        if (report.LabMends) text.Append(cause.Fix.Count > 0 ? "    or: twill lab fix\n" : "   fix: twill lab fix\n");

        return text.ToString();
    }

    private static void Evidence(StringBuilder text, TraceReport trace, Style style)
    {
        bool there = trace.Prediction.There.Cause is not null || trace.Prediction.Back is null || trace.Comparison.Back.Count == 0;
        IReadOnlyList<HopRow> rows = there ? trace.Comparison.There : trace.Comparison.Back;
        int at = rows.ToList().FindIndex(r => !r.Hop.Ok || r.Seen == Seen.Lost);
        if (at < 0) at = rows.Count - 1;
        text.Append($"   {(there ? "" : "on the way back, ")}{trace.Prediction.Sent.Length} bytes, {trace.Prediction.From.Word} {style.Arrow} {trace.Prediction.To.Word}:\n");
        for (int i = Math.Max(0, at - Before); i <= at; i++)
        {
            Hop hop = rows[i].Hop;
            string seen = rows[i].Seen switch { Seen.Yes => style.Good("seen"), Seen.Passed => style.Good("passed"), Seen.Lost => style.Bad("lost"), Seen.No => "not seen", _ => hop.Ok ? "" : style.Bad("lost") };
            text.Append($"   {hop.Place} {hop.Where}: {hop.What}{(seen.Length > 0 ? $"  [{seen}]" : "")}\n");
        }

        if (trace.SendError is { } error) text.Append($"   the kernel did not send it: {error}\n");
        if (trace.Message is { } message) text.Append($"   {message.Source} told the sender: {message.Words}\n");
        foreach (string drop in trace.Seen?.RuleDrops ?? []) text.Append($"   nftables trace: dropped by {drop}\n");
        if (trace.Seen is { DropReasons.Count: > 0, } seenReasons) text.Append($"   kernel's reason: {string.Join(", ", seenReasons.DropReasons.Distinct())}\n");
        if (!trace.Agrees) text.Append($"   {style.Bad("prediction and observation differ")}: {string.Join("; ", trace.Comparison.Differences)}\n");
    }
}
