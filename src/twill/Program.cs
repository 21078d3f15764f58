using Twill.Cli;
using Twill.Plugin;

namespace Twill;

internal static class Program
{
    /// <summary>The container runtime calls us with CNI_COMMAND set; everybody else means the command line.</summary>
    /// <remarks>The plugin's path touches no command line library, no console, no logging: it starts in a millisecond and ends.</remarks>
    private static int Main(string[] arguments)
        => Environment.GetEnvironmentVariable("CNI_COMMAND") is not null ? CniPlugin.Run() : CommandLine.Run(arguments);
}
