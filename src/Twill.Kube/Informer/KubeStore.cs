namespace Twill.Kube;

/// <summary>An informer's objects. One writer, its loop; anybody reads, under the lock, and sees one moment.</summary>
internal sealed class KubeStore<T> : IKnownObjects<T>
    where T : class, IEquatable<T>
{
    private readonly List<InformerFeed<T>> _feeds = [];
    private Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private Dictionary<string, Entry>.AlternateLookup<ReadOnlySpan<char>> _byChars;

    public KubeStore() => _byChars = _entries.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>One object, and the version it was seen at.</summary>
    internal readonly record struct Entry(T Value, ulong Version);

    public Lock Lock { get; } = new();

    public bool IsSynced { get; private set; }

    /// <summary>Why the loop ended; null while it runs.</summary>
    public Exception? End { get; private set; }

    public IReadOnlyDictionary<string, Entry> Entries => _entries;

    /// <summary>By the writer only: it needs no lock to read what nobody else writes.</summary>
    public bool TryGet(ReadOnlySpan<char> key, out string ownKey, out T value)
    {
        if (_byChars.TryGetValue(key, out var actual, out var entry))
        {
            (ownKey, value) = (actual, entry.Value);
            return true;
        }

        (ownKey, value) = (null!, null!);
        return false;
    }

    public bool TryGetEntry(string key, out Entry entry) => _entries.TryGetValue(key, out entry);

    public void Put(string key, T value, ulong version)
    {
        lock (Lock)
        {
            var changed = !_entries.TryGetValue(key, out var old) || !value.Equals(old.Value);
            _entries[key] = new Entry(value, version);
            if (changed)
                Mark(key);
        }
    }

    public void Remove(string key)
    {
        lock (Lock)
        {
            if (_entries.Remove(key))
                Mark(key);
        }
    }

    /// <summary>Puts a whole list in the place of what was there; readers see the one or the other.</summary>
    /// <returns>How many objects differ.</returns>
    public int Replace(Dictionary<string, Entry> fresh)
    {
        lock (Lock)
        {
            var differ = 0;
            foreach (var key in _entries.Keys)
            {
                if (!fresh.ContainsKey(key))
                {
                    differ++;
                    Mark(key);
                }
            }

            foreach (var (key, entry) in fresh)
            {
                if (!_entries.TryGetValue(key, out var old) || !entry.Value.Equals(old.Value))
                {
                    differ++;
                    Mark(key);
                }
            }

            _entries = fresh;
            _byChars = fresh.GetAlternateLookup<ReadOnlySpan<char>>();
            if (!IsSynced)
            {
                IsSynced = true;
                Wake();
            }

            return differ;
        }
    }

    /// <summary>No news will come any more.</summary>
    public void Close(Exception why)
    {
        lock (Lock)
        {
            End = why;
            Wake();
        }
    }

    public void Add(InformerFeed<T> feed)
    {
        lock (Lock)
            _feeds.Add(feed);
    }

    public void Remove(InformerFeed<T> feed)
    {
        lock (Lock)
            _feeds.Remove(feed);
    }

    private void Mark(string key)
    {
        foreach (var feed in _feeds)
            feed.Mark(key);
    }

    private void Wake()
    {
        foreach (var feed in _feeds)
            feed.Wake();
    }
}
