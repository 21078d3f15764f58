using Xunit;

namespace Twill.KernelTests;

/// <summary>A class fixture: after the class no more descriptors are open than before, and every thread is in the process's own namespace.</summary>
public sealed class LeakCheck : IDisposable
{
    private readonly string _home = File.ResolveLinkTarget("/proc/self/ns/net", false)!.Name;
    private readonly SortedDictionary<string, int> _before = Descriptors();

    public void Dispose()
    {
        SortedDictionary<string, int> after = Descriptors();
        foreach ((string kind, int count) in after)
        {
            if (kind is "socket" or "ns" && count > _before.GetValueOrDefault(kind)) Assert.Fail($"{count} descriptors of kind {kind}, {_before.GetValueOrDefault(kind)} before the class");
        }

        // A thread made for a namespace and joined may still be on its way out of the kernel: Join waits for its managed part.
        string? strayed = null;
        bool allHome = SpinWait.SpinUntil(() => (strayed = Strayed()) is null, TimeSpan.FromSeconds(5));
        Assert.True(allHome, strayed);
    }

    private string? Strayed()
    {
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
        {
            if (TryNamespace(task) is { } ns && ns != _home) return $"thread {Path.GetFileName(task)} ({NameOf(task)}) is left in {ns}, home is {_home}";
        }

        return null;
    }

    /// <summary>Null where the thread has ended meanwhile.</summary>
    private static string? TryNamespace(string task)
    {
        try
        {
            return File.ResolveLinkTarget($"{task}/ns/net", false)?.Name;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string NameOf(string task)
    {
        try
        {
            return File.ReadAllText($"{task}/comm").TrimEnd();
        }
        catch (IOException)
        {
            return "ended";
        }
    }

    /// <summary>What we open: sockets and namespaces. The runtime opens and closes files and pipes of its own.</summary>
    private static SortedDictionary<string, int> Descriptors()
    {
        var count = new SortedDictionary<string, int>(StringComparer.Ordinal) { ["socket"] = 0, ["ns"] = 0 };
        foreach (string path in Directory.GetFileSystemEntries("/proc/self/fd"))
        {
            string? target = null;
            try
            {
                target = new FileInfo(path).LinkTarget;
            }
            catch (IOException)
            {
            }

            if (target is null) continue;
            string kind = target.StartsWith("socket:", StringComparison.Ordinal) ? "socket" : target.StartsWith("net:", StringComparison.Ordinal) ? "ns" : "other";
            count[kind] = count.GetValueOrDefault(kind) + 1;
        }

        return count;
    }
}
