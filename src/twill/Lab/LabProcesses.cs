using Twill.Linux.Netns;
using Twill.Linux.Sys;

namespace Twill.Lab;

/// <summary>Processes inside the lab's namespaces: somebody's `twill lab exec`. They are named, never ended.</summary>
internal static class LabProcesses
{
    /// <returns>"1234 (ping) in blue", by process id.</returns>
    internal static IReadOnlyList<string> In(IReadOnlyList<LabMark> marks)
    {
        var names = new Dictionary<FileIdentity, string>();
        foreach (LabMark mark in marks)
        {
            using NetworkNamespace? network = NetworkNamespace.TryOpen(NetworkNamespace.NamedPath(mark.Name), out _);
            if (network is not null) names[network.Identity] = mark.Name;
        }

        var found = new SortedDictionary<int, string>();
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), out int pid)) continue;
            using NetworkNamespace? network = NetworkNamespace.TryOpen($"{directory}/ns/net", out _);
            if (network is not null && names.TryGetValue(network.Identity, out string? name)) found[pid] = $"{pid} ({Command(directory)}) in {name}";
        }

        return [.. found.Values];
    }

    private static string Command(string directory)
    {
        try
        {
            return File.ReadAllText($"{directory}/comm").Trim();
        }
        catch (IOException)
        {
            return "ended";
        }
    }
}
