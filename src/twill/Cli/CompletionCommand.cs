using System.CommandLine;
using System.Text;

namespace Twill.Cli;

/// <summary>twill completion SHELL prints a script for the shell; the script asks the hidden `twill complete -- WORDS`.</summary>
internal static class CompletionCommand
{
    internal static Command Build()
    {
        var shell = new ChoiceArgument("SHELL", "bash, zsh or fish", "bash", "zsh", "fish");
        var command = new ExampleCommand("completion", "Print a script with which a shell completes commands, options, values, and the names of the lab's pods and nodes.",
        [
            "source <(twill completion bash)      for this shell; in ~/.bashrc for every one",
            "twill completion bash > /usr/share/bash-completion/completions/twill",
            "twill completion zsh > /usr/local/share/zsh/site-functions/_twill",
            "twill completion fish > ~/.config/fish/completions/twill.fish",
        ])
        { shell };
        command.SetAction(result =>
        {
            Terminal.Answer(Resource.Text($"Shell/twill.{result.GetValue(shell)}"));
            return ExitCode.Ok;
        });
        return command;
    }

    internal static Command BuildHidden()
    {
        var words = new Argument<string[]>("WORD") { Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("complete", "What could stand next, a word and its meaning on each line.") { words };
        command.Hidden = true;
        command.SetAction(result =>
        {
            var text = new StringBuilder();
            foreach (Candidate candidate in Completion.Of(CommandTable.RootOf(result), result.GetValue(words) ?? [])) text.Append(candidate.Line).Append('\n');
            Terminal.Answer(text.ToString());
            return ExitCode.Ok;
        });
        return command;
    }
}
