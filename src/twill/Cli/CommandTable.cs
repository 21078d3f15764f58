using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;

namespace Twill.Cli;

/// <summary>Questions to the tree of commands. Help, man pages, completion and the environment all ask here.</summary>
internal static class CommandTable
{
    /// <summary>From the program itself down to the command.</summary>
    internal static IReadOnlyList<Command> PathOf(CommandResult result)
    {
        var path = new List<Command>();
        for (CommandResult? at = result; at is not null; at = at.Parent as CommandResult) path.Insert(0, at.Command);
        return path;
    }

    internal static RootCommand RootOf(ParseResult result) => (RootCommand)result.RootCommandResult.Command;

    /// <summary>As far down as the words name commands; the first that does not is told.</summary>
    internal static IReadOnlyList<Command> Find(RootCommand root, IEnumerable<string> words, out string? unknown)
    {
        var path = new List<Command> { root };
        unknown = null;
        foreach (string word in words)
        {
            if (Subcommands(path[^1]).FirstOrDefault(c => c.Name == word) is not { } command)
            {
                unknown = word;
                break;
            }

            path.Add(command);
        }

        return path;
    }

    /// <summary>"twill lab up".</summary>
    internal static string NameOf(IReadOnlyList<Command> path) => string.Join(' ', path.Select((c, i) => i == 0 ? "twill" : c.Name));

    /// <summary>The tree in the order of its tables, the program itself first, without what is hidden.</summary>
    internal static IEnumerable<IReadOnlyList<Command>> Walk(Command root) => Walk([root]);

    /// <summary>What the command itself declares.</summary>
    internal static IEnumerable<Option> OwnOptions(Command command) => command.Options.Where(o => !o.Hidden && !o.Recursive && o is not (HelpOption or VersionOption));

    /// <summary>What it has from those above it, and from being a command at all.</summary>
    internal static IEnumerable<Option> SharedOptions(IReadOnlyList<Command> path)
        => path.SelectMany((c, i) => c.Options.Where(o => !o.Hidden && (o.Recursive || (i == path.Count - 1 && o is VersionOption)))).OrderBy(o => o is HelpOption or VersionOption);

    internal static IEnumerable<Option> AllOptions(IReadOnlyList<Command> path) => OwnOptions(path[^1]).Concat(SharedOptions(path));

    internal static IEnumerable<Command> Subcommands(Command command) => command.Subcommands.Where(c => !c.Hidden);

    internal static IReadOnlyList<string> ExamplesOf(Command command) => command switch
    {
        ExampleCommand example => example.Examples,
        RootCommand => CommandLine.Examples,
        _ => [],
    };

    private static IEnumerable<IReadOnlyList<Command>> Walk(IReadOnlyList<Command> path)
    {
        yield return path;
        foreach (Command command in Subcommands(path[^1]))
        {
            foreach (IReadOnlyList<Command> below in Walk([.. path, command])) yield return below;
        }
    }
}
