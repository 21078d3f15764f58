using System.CommandLine;
using System.Text;
using Twill.Cli;
using Xunit;

namespace Twill.Tests.Cli;

/// <summary>Every command there is, for tests that hold for all of them.</summary>
internal static class CommandTree
{
    /// <summary>Names, "twill lab up".</summary>
    internal static TheoryData<string> Names => [.. CommandTable.Walk(CommandLine.Build()).Select(CommandTable.NameOf)];

    internal static IReadOnlyList<Command> Path(string name)
    {
        IReadOnlyList<Command> path = CommandTable.Find(CommandLine.Build(), name.Split(' ').Skip(1), out string? unknown);
        Assert.Null(unknown);
        return path;
    }

    /// <summary>The command lines of twill in an example, split as a shell does it; what stands behind two blanks explains.</summary>
    internal static IEnumerable<string[]> Lines(string example)
    {
        foreach (string[] words in Shell(example))
        {
            int at = Array.IndexOf(words, "twill");
            if (at >= 0) yield return words[(at + 1)..];
        }
    }

    private static IEnumerable<string[]> Shell(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool quoted = false;
        for (int i = 0; i <= line.Length; i++)
        {
            char c = i < line.Length ? line[i] : '\n';
            bool comment = !quoted && c == ' ' && i + 1 < line.Length && line[i + 1] == ' ';
            if (c == '\'') quoted = !quoted;
            else if (quoted || !" ;&|()<>\n".Contains(c, StringComparison.Ordinal)) word.Append(c);
            else
            {
                if (word.Length > 0) words.Add(word.ToString());
                word.Clear();
                if (c != ' ' || comment)
                {
                    yield return [.. words];
                    words.Clear();
                }

                if (comment) yield break;
            }
        }
    }
}
