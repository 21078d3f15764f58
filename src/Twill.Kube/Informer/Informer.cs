namespace Twill.Kube;

/// <summary>Keeps the objects of a kind as the server has them: lists once, watches, and copes with whatever happens to either.</summary>
/// <remarks>
/// The store is complete from the first list on and is never emptied while the server is away. Events that come twice, late or in
/// the wrong order do no harm: an older version never replaces a newer one, and one that cannot be placed leads to a new list.
/// A list that is older than what was seen is not believed. Memory: the objects, once more during a list, and what each feed knows.
/// It ends with <see cref="DisposeAsync"/>, and leaves no thread and no timer.
/// </remarks>
public sealed partial class Informer<T> : IAsyncDisposable
    where T : class, IEquatable<T>
{
    private readonly KubeClient _client;
    private readonly KubeResource<T> _resource;
    private readonly InformerOptions _options;
    private readonly KubeStore<T> _store = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    internal Informer(KubeClient client, KubeResource<T> resource, InformerOptions options)
    {
        (_client, _resource, _options) = (client, resource, options);
        _objects = new ObjectReader<T>(resource, _store);
        _backoff = new Backoff(options.MinBackoff, options.MaxBackoff, client.Options.Time, client.Options.Random);
        _awaySince = client.Options.Time.GetTimestamp();
        _loop = RunAsync(_stop.Token);
    }

    /// <summary>Ends only after <see cref="DisposeAsync"/>, or with an error that is a bug: a server's failure never ends an informer.</summary>
    public Task Completion => _loop;

    public InformerStatus Status
    {
        get
        {
            lock (_store.Lock)
            {
                return new InformerStatus(_store.IsSynced, _awaySince is { } since ? _client.Options.Time.GetElapsedTime(since) : null, _problem,
                    _store.Entries.Count, _seen, _lists, _watches, _events, _skipped);
            }
        }
    }

    /// <summary>All objects at one moment, by key; empty before the first list (<see cref="InformerStatus.IsSynced"/>).</summary>
    public IReadOnlyList<KubeItem<T>> Snapshot()
    {
        KubeItem<T>[] items;
        lock (_store.Lock)
        {
            items = new KubeItem<T>[_store.Entries.Count];
            var i = 0;
            foreach (var (key, entry) in _store.Entries)
                items[i++] = new KubeItem<T>(key, entry.Version, entry.Value);
        }

        Array.Sort(items, static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        return items;
    }

    /// <summary>One object; null if there is none, or none yet.</summary>
    public T? Find(string key)
    {
        lock (_store.Lock)
            return _store.TryGetEntry(key, out var entry) ? entry.Value : null;
    }

    /// <summary>A view of its own for one consumer.</summary>
    public InformerFeed<T> Subscribe() => new(_store);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }
}
