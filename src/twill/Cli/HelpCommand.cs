using System.CommandLine;

namespace Twill.Cli;

/// <summary>twill help: what --help says, and pages on what all commands share.</summary>
internal static class HelpCommand
{
    internal static Command Build()
    {
        var words = new Argument<string[]>("TOPIC") { Description = $"A command, of any depth, or {string.Join(" or ", HelpTopic.All.Select(t => t.Name))}", Arity = ArgumentArity.ZeroOrMore };
        var command = new ExampleCommand("help", "Explain a command, or what all commands share.",
        [
            "twill help lab up",
            "twill help exit-codes",
            "twill help env",
        ])
        { words };
        words.CompletionSources.Add(_ => CommandTable.Subcommands((Command)command.Parents.First()).Select(c => c.Name).Concat(HelpTopic.All.Select(t => t.Name)).Select(n => new System.CommandLine.Completions.CompletionItem(n)));
        command.SetAction(result => Show(CommandTable.RootOf(result), result.GetValue(words) ?? []));
        return command;
    }

    private static int Show(RootCommand root, string[] words)
    {
        if (words is [var name] && HelpTopic.All.FirstOrDefault(t => t.Name == name) is { } topic)
        {
            Terminal.Answer(topic.Draw(root));
            return ExitCode.Ok;
        }

        IReadOnlyList<Command> path = CommandTable.Find(root, words, out string? unknown);
        if (unknown is null)
        {
            Terminal.Answer(HelpText.Draw(path));
            return ExitCode.Ok;
        }

        IEnumerable<string> candidates = CommandTable.Subcommands(path[^1]).Select(c => c.Name).Concat(path.Count == 1 ? HelpTopic.All.Select(t => t.Name) : []);
        Terminal.Say($"twill: there is no help on \"{string.Join(' ', words)}\"{(Typo.Nearest(unknown, candidates) is { } near ? $"; did you mean \"{near}\"?" : $": `{CommandTable.NameOf(path)} --help` lists what there is")}");
        return ExitCode.Usage;
    }
}
