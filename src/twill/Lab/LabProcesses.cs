using Twill.Lab.Container;
using Twill.Linux.Netns;
using Twill.Linux.Sys;

namespace Twill.Lab;

/// <summary>Processes inside the lab's namespaces: somebody's `twill lab exec`, which is named and never ended, and the lab's own containers.</summary>
internal static class LabProcesses
{
    /// <returns>By process id.</returns>
    internal static IReadOnlyList<LabProcess> In(IReadOnlyList<LabMark> marks)
    {
        var names = new Dictionary<FileIdentity, string>();
        foreach (LabMark mark in marks)
        {
            using NetworkNamespace? network = NetworkNamespace.TryOpen(NetworkNamespace.NamedPath(mark.Name), out _);
            if (network is not null) names[network.Identity] = mark.Name;
        }

        var found = new SortedDictionary<int, LabProcess>();
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), out int pid)) continue;
            using NetworkNamespace? network = NetworkNamespace.TryOpen($"{directory}/ns/net", out _);
            if (network is not null && names.TryGetValue(network.Identity, out string? name)) found[pid] = new LabProcess(pid, Text($"{directory}/comm").Trim(), name, $"\0{Text($"{directory}/environ")}".Contains("\0CNI_COMMAND=", StringComparison.Ordinal), ContainerOf(pid) is { } c && c.Pod == name ? c.Name : null);
        }

        return [.. found.Values];
    }

    /// <summary>Which container of which pod a process says that it is; null: none.</summary>
    internal static (string Pod, string? Name)? ContainerOf(int pid) => Text($"/proc/{pid}/cmdline").Split('\0') is [_, ContainerProcess.Word, var pod, var name, ..] ? (pod, name) : null;

    /// <summary>Empty where the process has ended.</summary>
    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
