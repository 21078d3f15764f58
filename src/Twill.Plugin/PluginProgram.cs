namespace Twill.Plugin;

/// <summary>The small executable. The program `twill` answers container runtimes with the same code.</summary>
internal static class PluginProgram
{
    private static int Main() => CniPlugin.Run();
}
