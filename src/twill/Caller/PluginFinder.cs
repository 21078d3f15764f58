using Twill.Cni;

namespace Twill.Caller;

/// <summary>Finds plugins in the directories of CNI_PATH, in order. twill itself need not be installed anywhere.</summary>
internal sealed class PluginFinder(string path)
{
    /// <summary>Where the runtimes' packages put plugins: upstream and Kubernetes, podman, Debian.</summary>
    internal const string DefaultPath = "/opt/cni/bin:/usr/libexec/cni:/usr/lib/cni";

    /// <summary>CNI_PATH as the plugins get it.</summary>
    internal string SearchPath { get; } = path;

    /// <exception cref="CallerException">Missing: in none of the directories.</exception>
    internal string Find(string type, int position, int count)
    {
        if (type.Contains('/', StringComparison.Ordinal) || type is "" or "." or "..") throw new CallerException(CallerFault.Input, $"type {CniException.Quote(type)} of plugin {position} of {count} is not the name of a program");
        foreach (string directory in SearchPath.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            string candidate = Path.Combine(directory, type);
            if (File.Exists(candidate)) return Path.GetFullPath(candidate);
        }

        if (type == "twill" && Environment.ProcessPath is { } self && Path.GetFileName(self) == "twill") return self;
        throw new CallerException(CallerFault.Missing, $"plugin {CniException.Quote(type)}, {position} of {count}, is in none of {SearchPath.Replace(":", ", ", StringComparison.Ordinal)}: install it, or name its directory with --cni-path");
    }
}
