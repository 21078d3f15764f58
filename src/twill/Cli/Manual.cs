using System.CommandLine;

namespace Twill.Cli;

/// <summary>All pages of the manual: one for each command, drawn from the tree, and two that are documents.</summary>
internal static class Manual
{
    private static readonly Document[] s_documents =
    [
        new("twill-conf", 5, "configuration of the CNI plugin twill", "docs/configuration.md", ["conf", "twill-conf", "configuration"]),
        new("twill", 7, "how pod networking works", "docs/concepts/README.md", ["concepts", "7"]),
    ];

    /// <summary>File names, e.g. twill-lab-up.1, in the order of the tree.</summary>
    internal static IEnumerable<string> Files(RootCommand root) => CommandTable.Walk(root).Select(p => $"{ManPage.NameOf(p)}.1").Concat(s_documents.Select(d => d.File));

    /// <param name="words">A command's words, or one word: a page's name, a file's name; none is twill(1).</param>
    internal static string? Find(RootCommand root, IReadOnlyList<string> words)
    {
        string name = string.Join('-', words);
        if (s_documents.FirstOrDefault(d => d.File == name || d.Words.Contains(name, StringComparer.Ordinal)) is { } document) return RoffDocument.Draw(document.Name, document.Section, document.Brief, Resource.Text(document.Path));
        if (name.EndsWith(".1", StringComparison.Ordinal)) name = name[..^2];
        foreach (IReadOnlyList<Command> path in CommandTable.Walk(root))
        {
            string page = ManPage.NameOf(path);
            if (name.Length == 0 || name == page || $"twill-{name}" == page) return ManPage.Draw(path);
        }

        return null;
    }

    /// <param name="Words">What it is asked for by.</param>
    private sealed record Document(string Name, int Section, string Brief, string Path, string[] Words)
    {
        internal string File => $"{Name}.{Section}";
    }
}
