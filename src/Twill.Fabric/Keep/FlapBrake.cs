namespace Twill.Fabric.Keep;

/// <summary>Keeps two programs that both think an object is theirs from fighting at full speed: after some repairs each further one waits longer.</summary>
/// <remarks>Time is given by the caller in milliseconds, so that it is pure.</remarks>
internal sealed class FlapBrake
{
    /// <summary>Repairs at once, before the first pause.</summary>
    internal const int FreeRepairs = 5;

    /// <summary>Without a repair for so long, and the last pause, the object is quiet again.</summary>
    internal const int QuietMs = 10_000;

    internal const int FirstPauseMs = 250, MaxPauseMs = 30_000;

    /// <summary>Objects remembered; the quiet ones go first.</summary>
    private const int MaxSubjects = 4096;

    private readonly Dictionary<string, Entry> _entries = [];

    private sealed class Entry
    {
        internal int Count;
        internal long LastMs;
        internal int PauseMs;
        internal string? By;
    }

    /// <returns>Whether the object may be repaired now.</returns>
    internal bool Allows(string subject, long nowMs) => !_entries.TryGetValue(subject, out Entry? entry) || nowMs >= entry.LastMs + entry.PauseMs;

    /// <summary>Takes note of a repair.</summary>
    /// <param name="by">Who made it necessary; null: nobody knows, as when a program ended before it was looked at.</param>
    /// <returns>How many there were lately, how long the next one has to wait: 0 not at all; and who it was this time, or else lately.</returns>
    internal (int Seen, int PauseMs, string? By) Repaired(string subject, long nowMs, string? by)
    {
        if (!_entries.TryGetValue(subject, out Entry? entry))
        {
            if (_entries.Count >= MaxSubjects) Forget(nowMs);
            _entries.Add(subject, entry = new Entry { LastMs = nowMs });
        }

        if (nowMs - entry.LastMs > QuietMs + entry.PauseMs)
        {
            entry.Count = 0;
            entry.PauseMs = 0;
            entry.By = null;
        }

        entry.Count++;
        entry.LastMs = nowMs;
        entry.By = by ?? entry.By;
        if (entry.Count > FreeRepairs) entry.PauseMs = entry.PauseMs == 0 ? FirstPauseMs : Math.Min(entry.PauseMs * 2, MaxPauseMs);
        return (entry.Count, entry.PauseMs, entry.By);
    }

    /// <returns>How long it is until this object may be repaired; 0 now.</returns>
    internal int WaitMs(string subject, long nowMs) => _entries.TryGetValue(subject, out Entry? entry) ? (int)Math.Max(0, entry.LastMs + entry.PauseMs - nowMs) : 0;

    private void Forget(long nowMs)
    {
        foreach (string subject in _entries.Where(e => nowMs - e.Value.LastMs > QuietMs + e.Value.PauseMs).Select(e => e.Key).ToList()) _entries.Remove(subject);
        if (_entries.Count >= MaxSubjects) _entries.Clear();
    }
}
