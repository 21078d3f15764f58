using System.CommandLine;
using Twill.Plugin;

namespace Twill.Cli;

internal static class VersionCommand
{
    internal static Command Build()
    {
        var command = new ExampleCommand("version", "Print the version, and the versions of the CNI specification that the plugin speaks.", ["twill version"]);
        command.SetAction(_ =>
        {
            Terminal.Answer(AboutText.Text);
            return ExitCode.Ok;
        });
        return command;
    }
}
