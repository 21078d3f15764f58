using System.Globalization;
using System.Text;

namespace Twill.Bench;

/// <summary>Figures and tables as a person reads them.</summary>
public static class Text
{
    /// <summary>Three figures: 0.48, 12.3, 182.</summary>
    public static string Ms(double ms) => double.IsNaN(ms) ? "-" : ms.ToString(ms < 10 ? "F2" : ms < 100 ? "F1" : "F0", CultureInfo.InvariantCulture);

    /// <summary>A ratio both ways: 0.137 (1/7.3); above 1 as a factor: 1.20 (x1.2).</summary>
    public static string Ratio(double ratio)
        => double.IsNaN(ratio) ? "-" : ratio <= 1 ? string.Create(CultureInfo.InvariantCulture, $"{ratio:F3} (1/{1 / ratio:F1})") : string.Create(CultureInfo.InvariantCulture, $"{ratio:F2} (x{ratio:F1})");

    /// <summary>An aim as it was set: 1/4.</summary>
    public static string Aim(double? aim) => aim is { } a ? string.Create(CultureInfo.InvariantCulture, $"1/{1 / a:F0}") : "";

    public static string Number(double n) => double.IsNaN(n) ? "-" : n.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>Columns padded to their width: the first to the left, numbers to the right.</summary>
    public static string Plain(IReadOnlyList<string> head, IReadOnlyList<IReadOnlyList<string>> rows, int leftColumns)
    {
        int[] widths = [.. head.Select((h, i) => Math.Max(h.Length, rows.Count == 0 ? 0 : rows.Max(r => r[i].Length)))];
        var text = new StringBuilder();
        foreach (IReadOnlyList<string> row in rows.Prepend(head))
        {
            string line = string.Join("  ", row.Select((cell, i) => i < leftColumns ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i])));
            text.Append(line.TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    public static string Markdown(IReadOnlyList<string> head, IReadOnlyList<IReadOnlyList<string>> rows, int leftColumns)
    {
        var text = new StringBuilder();
        text.Append("| ").AppendJoin(" | ", head).Append(" |\n|");
        for (int i = 0; i < head.Count; i++) text.Append(i < leftColumns ? "---|" : "---:|");
        text.Append('\n');
        foreach (IReadOnlyList<string> row in rows) text.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        return text.ToString();
    }
}
