namespace Twill.Kube;

/// <summary>One consumer's view of an informer: everything first, and then what changed since it looked last.</summary>
/// <remarks>
/// Nothing is queued: an object that changed a hundred times while the consumer was busy is one change, and one that came and went
/// is none. Memory is bounded by the objects the consumer knows. One caller at a time.
/// </remarks>
public sealed class InformerFeed<T> : IDisposable
    where T : class, IEquatable<T>
{
    /// <summary>With more changed keys than this the next look compares everything, which costs time and no memory.</summary>
    internal const int MaxMarked = 4096;

    private readonly KubeStore<T> _store;
    private readonly Dictionary<string, T> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _marked = new(StringComparer.Ordinal);
    private bool _all;
    private bool _first = true;
    private TaskCompletionSource? _wake;

    internal InformerFeed(KubeStore<T> store)
    {
        _store = store;
        store.Add(this);
    }

    /// <summary>
    /// The changes since the last call, as one consistent step. The first call waits for the first complete list and may give none
    /// if the cluster has none; later ones wait for at least one change.
    /// </summary>
    /// <exception cref="InvalidOperationException">The informer has ended; why is inside.</exception>
    public async ValueTask<IReadOnlyList<KubeChange<T>>> NextAsync(CancellationToken ct = default)
    {
        while (true)
        {
            Task changed;
            lock (_store.Lock)
            {
                if (TryTake() is { } changes)
                    return changes;
                if (_store.End is { } why)
                    throw new InvalidOperationException($"the informer has ended: {why.Message}", why);
                _wake ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                changed = _wake.Task;
            }

            await changed.WaitAsync(ct);
        }
    }

    /// <summary>No more marks; the informer runs on.</summary>
    public void Dispose() => _store.Remove(this);

    /// <summary>Under the store's lock.</summary>
    internal void Mark(string key)
    {
        if (!_all && !_marked.Add(key))
            return;
        if (_marked.Count > MaxMarked)
        {
            _all = true;
            _marked.Clear();
        }

        Wake();
    }

    /// <summary>Under the store's lock.</summary>
    internal void Wake()
    {
        _wake?.TrySetResult();
        _wake = null;
    }

    private List<KubeChange<T>>? TryTake()
    {
        if (!_store.IsSynced)
            return null;
        var changes = new List<KubeChange<T>>();
        if (_first || _all)
        {
            foreach (var key in _known.Keys)
            {
                if (!_store.Entries.ContainsKey(key))
                    _marked.Add(key);
            }

            foreach (var key in _store.Entries.Keys)
                Compare(key, changes);
        }

        foreach (var key in _marked)
            Compare(key, changes);
        _marked.Clear();
        if (changes.Count == 0 && !_first)
        {
            _all = false;
            return null;
        }

        (_first, _all) = (false, false);
        return changes;
    }

    private void Compare(string key, List<KubeChange<T>> changes)
    {
        _known.TryGetValue(key, out var before);
        var now = _store.TryGetEntry(key, out var entry) ? entry.Value : null;
        if (now is null ? before is null : now.Equals(before))
            return;
        changes.Add(new KubeChange<T>(key, before, now));
        if (now is null)
            _known.Remove(key);
        else
            _known[key] = now;
    }
}
