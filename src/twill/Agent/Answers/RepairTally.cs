using Twill.Agent.Metrics;
using Twill.Fabric.Keep;

namespace Twill.Agent.Answers;

/// <summary>Counts repairs by kind of object and by who made them necessary. Written by the keeper's thread, read by any.</summary>
internal sealed class RepairTally
{
    /// <summary>Different culprits that are told apart; labels must not grow without end.</summary>
    internal const int MaxCulprits = 16;

    internal const string Unknown = "unknown", Others = "others";

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Object, string By), long> _counts = [];
    private readonly HashSet<string> _culprits = new(StringComparer.Ordinal);

    /// <summary>Seconds from the notification to the finished write.</summary>
    internal Histogram Durations { get; } = new(0.001, 0.005, 0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5);

    internal void Note(KeeperEvent repair)
    {
        string kind = repair.Subject.Split(' ')[0];
        lock (_lock)
        {
            string by = repair.By is not { } name ? Unknown : _culprits.Contains(name) || (_culprits.Count < MaxCulprits && _culprits.Add(name)) ? name : Others;
            _counts[(kind, by)] = _counts.GetValueOrDefault((kind, by)) + 1;
        }

        Durations.Observe(repair.Ms / 1000);
    }

    internal IReadOnlyList<(string Object, string By, long Count)> Counts
    {
        get
        {
            lock (_lock) return [.. _counts.OrderBy(c => c.Key.Object, StringComparer.Ordinal).ThenBy(c => c.Key.By, StringComparer.Ordinal).Select(c => (c.Key.Object, c.Key.By, c.Value))];
        }
    }
}
