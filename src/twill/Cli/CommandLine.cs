using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Twill.Cli;

/// <summary>The tree of commands; each has its file here.</summary>
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

    private static int Invoke(string[] arguments)
    {
        RootCommand root = Build();
        if (arguments.Length == 0)
        {
            // The CNI conformance tests start a plugin without CNI_COMMAND and expect it to say on stderr what it is.
            root.Parse(["--help"]).Invoke(Configuration(Console.Out));
            Console.Out.Flush();
            Terminal.Say(AboutText.Text.TrimEnd());
            return ExitCode.Ok;
        }

        ParseResult result = root.Parse(arguments);
        if (result.Action is ParseErrorAction wrong)
        {
            wrong.ShowHelp = false;
            wrong.ShowTypoCorrections = true;
            result.Invoke(Configuration(Console.Error));
            string path = CommandPath(result.CommandResult);
            Terminal.Say($"usage and examples: {path} --help");
            return ExitCode.Usage;
        }

        return result.Invoke(Configuration(Console.Out));
    }

    private static InvocationConfiguration Configuration(TextWriter output) => new() { EnableDefaultExceptionHandler = false, Output = output, Error = Console.Error, ProcessTerminationTimeout = null };

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
            VersionCommand.Build(),
        };
        foreach (Option option in root.Options)
        {
            if (option is VersionOption version) version.Action = new VersionAction();
        }

        return root;
    }

    private static string CommandPath(CommandResult result) => result.Parent is CommandResult parent ? $"{CommandPath(parent)} {result.Command.Name}" : "twill";

    private sealed class VersionAction : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            Terminal.Answer($"twill {AboutText.Version}\n");
            return ExitCode.Ok;
        }
    }
}
