using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Twill.Cli;

/// <summary>The tree of commands; each noun has its file here.</summary>
internal static class CommandLine
{
    internal static int Run(string[] arguments)
    {
        try
        {
            return Invoke(arguments);
        }
        catch (Exception e)
        {
            return Failure.Report(e);
        }
    }

    internal static RootCommand Build()
    {
        var root = new RootCommand("""
            Twill: pod networking. One executable: the CNI plugin (when the runtime sets CNI_COMMAND), and this command line.

            Examples:
              twill lab up                     three nodes, a bridge each, two pods each, on this machine
              twill lab pingall                everybody pings everybody: times, and the addresses the far side sees
              twill lab exec blue -- ip addr   look around inside a pod
              twill lab down                   leaves the machine as it was

            Exit codes: 0 ok, 1 found a problem, 2 wrong usage, 3 not allowed, 4 not found, 5 time-out, 6 internal error.
            """)
        {
            LabCommand.Build(),
            TraceCommand.Build(),
            CniCommand.Create(),
            VersionCommand.Build(),
        };
        foreach (Option option in root.Options)
        {
            if (option is VersionOption version) version.Action = new VersionAction();
            if (option is HelpOption { Action: HelpAction help } helpOption) helpOption.Action = new ExampleHelp(help);
        }

        return root;
    }

    private static int Invoke(string[] arguments)
    {
        RootCommand root = Build();
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };

        // A word of `lab exec` that begins with @ is the command's own.
        var parser = new ParserConfiguration { ResponseFileTokenReplacer = null };
        if (arguments.Length == 0)
        {
            // The CNI conformance tests start a plugin without CNI_COMMAND and expect it to say on stderr what it is.
            root.Parse(["--help"], parser).Invoke(configuration);
            Terminal.Say(AboutText.Text.TrimEnd());
            return ExitCode.Ok;
        }

        ParseResult result = root.Parse(arguments, parser);
        return result.Action is ParseErrorAction ? Complain(result) : result.Invoke(configuration);
    }

    private static int Complain(ParseResult result)
    {
        string path = PathOf(result.CommandResult);
        Command command = result.CommandResult.Command;
        foreach (string word in result.UnmatchedTokens)
        {
            IEnumerable<string> candidates = word.StartsWith('-') ? command.Options.Select(o => o.Name) : command.Subcommands.Select(c => c.Name);
            Terminal.Say($"twill: `{path}` does not know \"{word}\"{(Typo.Nearest(word, candidates) is { } near ? $"; did you mean \"{near}\"?" : "")}");
        }

        if (result.UnmatchedTokens.Count == 0)
        {
            foreach (string message in result.Errors.Select(e => e.Message).Distinct(StringComparer.Ordinal))
            {
                Terminal.Say($"twill: {(command.Subcommands.Count > 0 ? $"`{path}` wants one of {string.Join(", ", command.Subcommands.Select(c => c.Name))}" : message.ReplaceLineEndings(" "))}");
            }
        }

        Terminal.Say($"usage and examples: {path} --help");
        return ExitCode.Usage;
    }

    private static string PathOf(CommandResult result) => result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : "twill";

    private sealed class VersionAction : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            Terminal.Answer($"twill {AboutText.Version}\n");
            return ExitCode.Ok;
        }
    }
}
