using System.Reflection;

namespace Twill.Agent.Install;

/// <summary>The plugin's executable, carried by the published program as it is: one file is all that has to come to a node.</summary>
internal static class PluginFile
{
    private const string Resource = "plugin";

    /// <exception cref="AgentException">A developer's build: it carries none.</exception>
    internal static byte[] Read()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)
            ?? throw new AgentException("this is the program of a developer's build, without the plugin inside: install the published one, artifacts/twill (make publish)");
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
