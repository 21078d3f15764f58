using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Twill.KernelTests.Docs;

/// <summary>One command of a page and what the page says it prints.</summary>
/// <param name="Line">In the file, from 1.</param>
/// <param name="ExitCode">0, unless the command ends with "# exit N".</param>
/// <param name="Expected">Lines. "..." alone stands for any number of lines, "…" in a line for any text; no lines: nothing is said about the output.</param>
internal sealed partial record ConsoleStep(int Line, string Command, int ExitCode, IReadOnlyList<string> Expected)
{
    /// <summary>The commands of all ```console blocks: lines that begin with "$ ", continued while a line ends with a backslash.</summary>
    internal static IReadOnlyList<ConsoleStep> Read(string page)
    {
        var steps = new List<ConsoleStep>();
        string[] lines = page.Split('\n');
        bool inside = false;
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                inside = !inside && lines[i] == "```console";
                continue;
            }

            if (!inside || !lines[i].StartsWith("$ ", StringComparison.Ordinal)) continue;
            int first = i + 1;
            var command = new StringBuilder(lines[i][2..]);
            while (lines[i].EndsWith('\\')) command.Append('\n').Append(lines[++i]);
            var expected = new List<string>();
            while (i + 1 < lines.Length && !lines[i + 1].StartsWith("$ ", StringComparison.Ordinal) && !lines[i + 1].StartsWith("```", StringComparison.Ordinal)) expected.Add(lines[++i]);
            Match exit = ExitComment().Match(command.ToString());
            steps.Add(new ConsoleStep(first, command.ToString(), exit.Success ? int.Parse(exit.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0, expected));
        }

        return steps;
    }

    /// <returns>Null: the output is as the page says; else the first line of the page that is not found where it should be.</returns>
    internal string? Difference(string output)
    {
        if (Expected.Count == 0) return null;
        string[] lines = [.. output.TrimEnd('\n').Split('\n').Select(l => l.TrimEnd())];
        return Match(0, 0, lines, out int farthest) ? null : $"\"{Expected[Math.Min(farthest, Expected.Count - 1)]}\"";
    }

    private bool Match(int at, int line, string[] lines, out int farthest)
    {
        farthest = at;
        while (at < Expected.Count)
        {
            if (Expected[at] == "...")
            {
                for (int skip = line; skip <= lines.Length; skip++)
                {
                    if (Match(at + 1, skip, lines, out int reached)) return true;
                    farthest = Math.Max(farthest, reached);
                }

                return false;
            }

            farthest = Math.Max(farthest, at);
            if (line >= lines.Length || !IsLike(Expected[at].TrimEnd(), lines[line])) return false;
            at++;
            line++;
        }

        return line == lines.Length;
    }

    private static bool IsLike(string pattern, string line) => Regex.IsMatch(line, $"^{string.Join(".*", pattern.Split('…').Select(Regex.Escape))}$", RegexOptions.CultureInvariant);

    [GeneratedRegex(@"# exit (\d+)$")]
    private static partial Regex ExitComment();
}
