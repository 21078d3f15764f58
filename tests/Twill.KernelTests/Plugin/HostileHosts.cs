using Twill.KernelTests.Harness;

namespace Twill.KernelTests.Plugin;

/// <summary>Two hosts for a table of hostile calls: one empty, one with an attached pod. No call of the table may change either.</summary>
public sealed class HostileHosts : IDisposable
{
    private readonly AddResult _resident;
    private string _coldDump;
    private string _warmDump;

    public HostileHosts()
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("twill-hostile-").FullName;
        Net = Net.Dual();
        Cold = new HostNamespace();
        Warm = new HostNamespace();
        Resident = Warm.NewPod();
        _resident = Net.Add(Warm, Resident).Succeeded().Result;
        Pod = Cold.NewPod();
        _coldDump = Cold.Dump();
        _warmDump = Warm.Dump();
    }

    public Net Net { get; }

    /// <summary>Nothing in it but loopback.</summary>
    public HostNamespace Cold { get; }

    /// <summary>With <see cref="Resident"/> attached.</summary>
    public HostNamespace Warm { get; }

    public Pod Resident { get; }

    /// <summary>A pod that never gets attached.</summary>
    public Pod Pod { get; }

    /// <summary>For fifos, links and files in the way.</summary>
    public string Directory { get; }

    public IReadOnlyList<HostNamespace> Both => [Cold, Warm];

    public void Dispose()
    {
        Cold.Dispose();
        Warm.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    /// <summary>What has changed on the two hosts or in the pods since the last look; null if nothing.</summary>
    public string? Change()
    {
        string cold = Cold.Dump(), warm = Warm.Dump();
        string? change = Difference("empty host", _coldDump, cold) ?? Difference("host with a pod", _warmDump, warm);
        (_coldDump, _warmDump) = (cold, warm);
        if (change is not null) return change;
        if (Pod.Links() is { Count: > 0 } links) return $"the pod has {string.Join(", ", links)}";
        return _resident.Problems(Resident, "eth0") is { Count: > 0 } problems ? $"the attached pod: {string.Join("; ", problems)}" : null;
    }

    private static string? Difference(string host, string before, string after)
    {
        if (before == after) return null;
        HashSet<string> old = [.. before.Split('\n')], now = [.. after.Split('\n')];
        return $"{host} changed: gone {string.Join(" | ", old.Except(now).Take(5))}; new {string.Join(" | ", now.Except(old).Take(5))}";
    }
}
