namespace Twill.Cli;

internal static class CommandLine
{
    internal static int Run(string[] arguments) => arguments.Length;
}
