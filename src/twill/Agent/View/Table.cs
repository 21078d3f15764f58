using System.Text;

namespace Twill.Agent.View;

/// <summary>Rows under headings, columns as wide as their longest word, two blanks between.</summary>
internal static class Table
{
    internal static string Draw(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        List<IReadOnlyList<string>> all = [headings, .. rows];
        int[] widths = [.. Enumerable.Range(0, headings.Count).Select(i => all.Max(r => r[i].Length))];
        var text = new StringBuilder();
        foreach (IReadOnlyList<string> row in all)
        {
            var line = new StringBuilder(" ");
            for (int i = 0; i < row.Count; i++) line.Append(row[i].PadRight(widths[i] + 2));
            text.Append(line.ToString().TrimEnd()).Append('\n');
        }

        return text.ToString();
    }
}
