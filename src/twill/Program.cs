using Twill.Cli;
using Twill.Lab.Container;
using Twill.Plugin;

namespace Twill;

internal static class Program
{
    /// <summary>The container runtime calls us with CNI_COMMAND set; everybody else means the command line.</summary>
    /// <remarks>The plugin's path touches no command line library, no console, no logging: it starts in a millisecond and ends.</remarks>
    private static int Main(string[] arguments)
    {
        if (Environment.GetEnvironmentVariable("CNI_COMMAND") is not null) return CniPlugin.Run();
        return arguments is [ContainerProcess.Word, var pod, var name] ? ContainerProcess.Run(pod, name) : CommandLine.Run(arguments);
    }
}
