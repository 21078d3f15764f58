using Twill.Linux.Netns;
using Twill.Linux.Sys;

namespace Twill.Bench;

/// <summary>A host namespace with one plugin's bridge in it and so many pods on it, all attached by that plugin.</summary>
public sealed class Node : IDisposable
{
    private const int FillWorkers = 8;
    private const string NftProgram = "/usr/sbin/nft";

    private readonly List<Pod> _present = [];
    private readonly string _dataDir;
    private SortedDictionary<int, string> _links = [];
    private int _leases;
    private int _rules;

    public Node(Subject subject, Scenario scenario, int podCount, string directory)
    {
        Subject = subject;
        Scenario = scenario;
        PodCount = podCount;
        _dataDir = directory;
        Directory.CreateDirectory(directory);
        Host = NetworkNamespace.Create();
    }

    public Subject Subject { get; }

    public Scenario Scenario { get; }

    public int PodCount { get; }

    public NetworkNamespace Host { get; }

    /// <summary>Addresses that pods of this node hold now.</summary>
    public HashSet<string> Lent { get; } = [];

    public Job Add(Pod pod) => Subject.Job(Scenario, pod, "ADD", _dataDir, null, null);

    /// <summary>With the ADD's result as prevResult, as runtimes that cache it send it.</summary>
    public Job Del(Pod pod, Attachment attachment) => Subject.Job(Scenario, pod, "DEL", _dataDir, attachment.Result, attachment.HostEnd);

    /// <summary>Attaches the pods that are there before the measurement, and one pair more, so that what only a node's first pod pays is paid.</summary>
    public void Fill(Spawner spawner, Guard guard)
    {
        for (int i = 0; i < PodCount; i++) _present.Add(Pod.CreatePresent());
        AddPresent(spawner, guard, _present, FillWorkers);
        using Pod first = Pod.Create();
        Outcome added = spawner.Run(Host, [Add(first)])[0];
        if (guard.Added(this, first, added, ping: true) is { } attachment) guard.Removed(this, first, attachment, spawner.Run(Host, [Del(first, attachment)])[0]);
        _links = KernelView.Links(Host);
        _leases = Leases();
        _rules = Rules();
    }

    /// <summary>Everything is again as it was before the first measured pod.</summary>
    public void CheckNothingLeft(Guard guard)
    {
        string[] links = [.. KernelView.Links(Host).Values.Except(_links.Values)];
        if (links.Length > 0) guard.Violate(this, $"{links.Length} links left behind: {string.Join(' ', links.Take(8))}");
        int leases = Leases() - _leases;
        if (leases != 0) guard.Violate(this, $"{leases} leases left behind in its data directory");
        int rules = Rules() - _rules;
        if (rules != 0) guard.Violate(this, $"{rules} lines of nftables rules left behind");
        if (Lent.Count != PodCount * (Scenario.DualStack ? 2 : 1)) guard.Violate(this, $"{Lent.Count} addresses held by {PodCount} pods");
    }

    public void Dispose()
    {
        foreach (Pod pod in _present) pod.Dispose();
        _present.Clear();
        Host.Dispose();
        Directory.Delete(_dataDir, recursive: true);
    }

    private void AddPresent(Spawner spawner, Guard guard, List<Pod> pods, int workers)
    {
        if (pods.Count == 0) return;
        IReadOnlyList<Outcome> outcomes = spawner.Run(Host, [.. pods.Select(Add)], workers, quiet: false);
        var failed = new List<Pod>();
        for (int i = 0; i < pods.Count; i++)
        {
            if (outcomes[i].Ok || workers == 1) guard.Added(this, pods[i], outcomes[i], ping: false);
            else failed.Add(pods[i]);
        }

        // A plugin that fails only when many run at once shows that in the parallel rows; the pods must be there all the same.
        AddPresent(spawner, guard, failed, 1);
    }

    private int Leases() => Directory.EnumerateFiles(_dataDir, "*", SearchOption.AllDirectories).Count(file => char.IsAsciiHexDigit(Path.GetFileName(file)[0]) && !file.EndsWith("lock", StringComparison.Ordinal));

    private int Rules() => Host.Run(() => ChildProcess.Run(NftProgram, ["list", "ruleset"], [], [], 60_000)).Output.Count(b => b == (byte)'\n');
}
