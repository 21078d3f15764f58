using Twill.Linux.Netns;
using Twill.Linux.Sys;

namespace Twill.Lab.Container;

/// <summary>The containers of a pod: started, seen, ended.</summary>
internal static class PodContainers
{
    /// <summary>More would not fit into the pod's mark.</summary>
    internal const int MaxContainers = 4;

    private const string MarkHead = "twill-lab:";

    /// <summary>How long a container may take to say that it is there, and to end.</summary>
    private const int StartMs = 10_000, EndMs = 5000;

    /// <summary>Held by the process while it lives; a pod has its own name space of these.</summary>
    internal static string MarkOf(string container) => MarkHead + container;

    /// <summary>Those at work in a pod, by name.</summary>
    /// <remarks>Source: man 5 proc, /proc/net/unix; abstract names begin with @.</remarks>
    internal static IReadOnlyList<string> Running(NetworkNamespace pod) => pod.Run(() =>
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string line in File.ReadAllLines("/proc/thread-self/net/unix"))
        {
            int at = line.LastIndexOf(" @" + MarkHead, StringComparison.Ordinal);
            if (at >= 0) names.Add(line[(at + 2 + MarkHead.Length)..]);
        }

        return (IReadOnlyList<string>)[.. names];
    });

    /// <returns>What the container said when it was up.</returns>
    internal static string Start(NetworkNamespace network, string pod, string name)
        => network.Run(() => ChildProcess.StartService(Environment.ProcessPath!, [ContainerProcess.Word, pod, name], [], StartMs))
            is { } line && line.Contains(" started; ", StringComparison.Ordinal) ? line : throw new LabException($"container {name} of pod {pod} did not start within {StartMs / 1000} s; is port 80 of the pod taken? twill lab exec {pod} -- ss -ltnp");

    internal static void Stop(string pod, string name)
    {
        foreach (LabProcess process in LabProcesses.In([new LabMark(LabKind.Pod, pod)]))
        {
            if (process.Container == name) End(process);
        }
    }

    /// <returns>Whether it is gone.</returns>
    internal static bool End(LabProcess process)
        => ForeignProcess.Kill(process.Id, () => LabProcesses.ContainerOf(process.Id) == (process.Namespace, process.Container), EndMs);
}
