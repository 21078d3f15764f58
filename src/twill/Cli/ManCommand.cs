using System.CommandLine;
using System.CommandLine.Completions;

namespace Twill.Cli;

/// <summary>twill man: the manual, on a machine where nobody installed it.</summary>
internal static class ManCommand
{
    internal static Command Build()
    {
        var page = new Argument<string[]>("PAGE") { Description = "A command, conf (the configuration) or concepts (how pod networking works)", Arity = ArgumentArity.ZeroOrMore };
        var list = new Option<bool>("--list") { Description = "Names of all pages, as files" };
        var command = new ExampleCommand("man", "Print a page of the manual, as man(1) reads it.",
        [
            "twill man | man -l -",
            "twill man lab up | man -l -",
            "twill man concepts | man -l -",
        ])
        { page, list };
        page.CompletionSources.Add(_ => CommandTable.Subcommands((Command)command.Parents.First()).Select(c => c.Name).Concat(["conf", "concepts"]).Select(n => new CompletionItem(n)));
        command.SetAction(result => result.GetValue(list) ? List(CommandTable.RootOf(result)) : Show(CommandTable.RootOf(result), result.GetValue(page) ?? []));
        return command;
    }

    private static int List(RootCommand root)
    {
        Terminal.Answer(string.Join('\n', Manual.Files(root)) + "\n");
        return ExitCode.Ok;
    }

    private static int Show(RootCommand root, string[] words)
    {
        if (Manual.Find(root, words) is { } text)
        {
            Terminal.Answer(text);
            return ExitCode.Ok;
        }

        string name = string.Join('-', words);
        string? near = Typo.Nearest(name, Manual.Files(root).Select(f => f["twill".Length..].TrimStart('-')[..^2]).Where(f => f.Length > 0));
        Terminal.Say($"twill: the manual has no page \"{name}\"{(near is null ? "" : $"; did you mean \"{near}\"?")} `twill man --list` names all");
        return ExitCode.NotFound;
    }
}
