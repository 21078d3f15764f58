using System.CommandLine;
using System.CommandLine.Invocation;

namespace Twill.Cli;

/// <summary>--help.</summary>
internal sealed class ExampleHelp : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        Terminal.Answer(HelpText.Draw(CommandTable.PathOf(parseResult.CommandResult)));
        return ExitCode.Ok;
    }

    public override bool ClearsParseErrors => true;
}
