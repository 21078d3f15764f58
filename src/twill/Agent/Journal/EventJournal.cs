namespace Twill.Agent.Journal;

/// <summary>The last things that happened, in memory, with a bound; readers can wait for the next.</summary>
internal sealed class EventJournal(TimeProvider time)
{
    /// <summary>Entries kept. An hour of one repair a second does not fit; the metrics count all of them.</summary>
    internal const int Capacity = 1024;

    private readonly Lock _lock = new();
    private readonly Queue<JournalEntry> _entries = new();
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _sequence;

    /// <summary>Number of the latest entry; 0: nothing has happened.</summary>
    internal long Last
    {
        get
        {
            lock (_lock) return _sequence;
        }
    }

    internal void Add(string kind, string text, string? by = null, double? ms = null)
    {
        TaskCompletionSource arrived;
        lock (_lock)
        {
            _entries.Enqueue(new JournalEntry(++_sequence, time.GetUtcNow(), kind, text, by, ms));
            if (_entries.Count > Capacity) _entries.Dequeue();
            arrived = _next;
            _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        arrived.SetResult();
    }

    /// <summary>What came after the entry of that number; all that is kept for 0.</summary>
    internal IReadOnlyList<JournalEntry> After(long sequence)
    {
        lock (_lock) return [.. _entries.Where(e => e.Sequence > sequence)];
    }

    /// <summary>The same; where there is nothing yet, waits for it.</summary>
    /// <returns>Empty when the time was over.</returns>
    internal async ValueTask<IReadOnlyList<JournalEntry>> WaitAfter(long sequence, TimeSpan atMost, CancellationToken token)
    {
        Task next;
        lock (_lock)
        {
            next = _next.Task;
            if (_sequence > sequence) return [.. _entries.Where(e => e.Sequence > sequence)];
        }

        try
        {
            await next.WaitAsync(atMost, time, token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
        }

        return After(sequence);
    }
}
