using System.Globalization;
using System.Text;
using Twill.Lab;

namespace Twill.Trace;

internal static class PongText
{
    /// <summary>Lines of their own; of more only the sum is told.</summary>
    private const int MaxLines = 20;

    internal static string Draw(PongReport report, Style style)
    {
        var text = new StringBuilder();
        string to = report.Prediction.To.Word, address = report.Prediction.Sent.Destination.ToString(), who = to == address ? to : $"{to} ({address})";
        foreach (Pong pong in report.Pongs.Take(MaxLines))
        {
            text.Append(pong.Micros is { } micros
                ? $" {style.Good("pong")} {who}  {report.Path}, {Ms(micros)} ms   {report.Nat}, mtu {report.Mtu}\n"
                : $" {style.Bad("lost")} {who}  {report.Path}\n");
        }

        Pong[] back = [.. report.Pongs.Where(p => p.Micros is not null)];
        text.Append($" {report.Pongs.Count} sent, {back.Length} back");
        if (back.Length > 0)
        {
            // The fastest: the others had to wait for something that is not the path.
            Pong best = back.MinBy(p => p.Micros)!;
            text.Append("  |  ").AppendJoin($" {style.Arrow} ", best.Parts.Select(p => $"{p.Place} {Ms(p.Micros)}")).Append("   ms");
        }

        text.Append('\n');
        if (back.Length == report.Pongs.Count) return text.ToString();
        if (report.Message is { } message) text.Append($" {message}\n");
        text.Append($" twill why {report.Prediction.From.Word} {to}\n");
        return text.ToString();
    }

    private static string Ms(double micros) => (micros / 1000).ToString(micros < 10 ? "0.000" : "0.00", CultureInfo.InvariantCulture);
}
