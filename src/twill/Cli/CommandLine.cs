using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Twill.Plugin;

namespace Twill.Cli;

/// <summary>The tree of commands; each noun has its file here.</summary>
internal static class CommandLine
{
    /// <summary>A word of `lab exec` that begins with @ is the command's own.</summary>
    internal static ParserConfiguration Parser { get; } = new() { ResponseFileTokenReplacer = null };

    /// <summary>Of the program as a whole.</summary>
    internal static IReadOnlyList<string> Examples { get; } =
    [
        "twill lab up                     three nodes, a bridge each, two pods each, on this machine",
        "twill lab pingall                everybody pings everybody: times, and the addresses the far side sees",
        "twill topo                       the picture of it all; -o html for a page to explore",
        "twill trace blue green           one packet hop by hop, predicted and seen",
        "twill why blue green             why it does not arrive, and what mends it",
        "twill lab exec blue -- ip addr   look around inside a pod",
        "twill lab down                   leaves the machine as it was",
    ];

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
        var root = new RootCommand("Pod networking in one executable: the CNI plugin, when the runtime sets CNI_COMMAND, and this command line.")
        {
            LabCommand.Build(),
            AgentCommand.Build(),
            DoctorCommand.Build(),
            NodeCommand.Build(),
            ServiceCommands.BuildServices(),
            ServiceCommands.Build(),
            TopoCommand.Build(),
            TraceCommand.Build(),
            TraceCommand.BuildWhy(),
            TraceCommand.BuildPing("twill ping"),
            CniCommand.Create(),
            HelpCommand.Build(),
            ManCommand.Build(),
            CompletionCommand.Build(),
            CompletionCommand.BuildHidden(),
            VersionCommand.Build(),
            new ColourOption(),
            new AsciiOption(),
        };
        foreach (Command command in (Command[])[.. NodeCommands.Build(), .. InstallCommands.Build(), ManifestCommand.Build()]) root.Subcommands.Add(command);
        root.Directives.Clear();
        foreach (Option option in root.Options)
        {
            if (option is VersionOption version) version.Action = new VersionAction();
            if (option is HelpOption help) help.Action = new ExampleHelp();
        }

        return root;
    }

    private static int Invoke(string[] arguments)
    {
        RootCommand root = Build();
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        if (arguments.Length == 0)
        {
            // The CNI conformance tests start a plugin without CNI_COMMAND and expect it to say on stderr what it is.
            root.Parse(["--help"], Parser).Invoke(configuration);
            Terminal.Say(AboutText.Text.TrimEnd());
            return ExitCode.Ok;
        }

        OptionVariables variables = OptionVariables.Parse(root, arguments, Parser, Environment.GetEnvironmentVariable);
        if (UsageFault.Find(variables) is { Count: > 0 } faults)
        {
            foreach (string fault in faults) Terminal.Say($"twill: {fault}");
            return ExitCode.Usage;
        }

        Terminal.Choose(variables.Result);
        return variables.Result.Invoke(configuration);
    }

    private sealed class VersionAction : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            Terminal.Answer($"twill {AboutText.Version}\n");
            return ExitCode.Ok;
        }
    }
}
