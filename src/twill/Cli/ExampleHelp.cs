using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Twill.Cli;

/// <summary>The library's help, the examples in front of it.</summary>
internal sealed class ExampleHelp(HelpAction help) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Command is ExampleCommand command)
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string example in command.Examples) output.WriteLine($"  {example}");
            output.WriteLine();
        }

        return help.Invoke(parseResult);
    }

    public override bool ClearsParseErrors => true;
}
