namespace Twill.Etcd.Watch;

/// <summary>Follows all keys of a prefix: a snapshot, then differences, whatever happens to members, leaders, connections and old revisions.</summary>
/// <remarks>
/// Holds the keys and values it told (so memory is that of the prefix), and no queue: a caller who does not ask stops the server by
/// flow control. One caller at a time. After compaction it lists again and tells the difference. A store set back to an old backup is
/// noticed by its revision and told as a difference too; a cluster made anew is refused (<see cref="EtcdClient.CheckCluster"/>).
/// </remarks>
/// <param name="client">Stays the caller's.</param>
public sealed class PrefixMirror(EtcdClient client, string prefix) : IAsyncDisposable
{
    /// <summary>Keys in one answer of a list.</summary>
    internal const int PageKeys = 1000;

    private readonly KeyRange _range = KeyRange.Prefix(prefix);
    private readonly Dictionary<string, KeyValue> _entries = new(StringComparer.Ordinal);
    private readonly Pause _pause = new(client.Options.MaxPause, client.Options.Time);
    private readonly Queue<MirrorStep> _ready = new(); // at most 2: Back, and the difference of a list
    private EtcdWatch? _watch;
    private long _revision;
    private bool _told, _away, _listed, _failed;

    /// <summary>All up to here has been told.</summary>
    public long Revision => _revision;

    /// <summary>Waits for the next step. Away from etcd it goes on trying, with pauses up to <see cref="EtcdOptions.MaxPause"/>, until cancelled.</summary>
    public async Task<MirrorStep> NextAsync(CancellationToken cancel)
    {
        while (true)
        {
            if (_ready.TryDequeue(out MirrorStep? step)) return step;
            cancel.ThrowIfCancellationRequested();
            if (_failed) await _pause.Async(cancel).ConfigureAwait(false);
            _failed = false;
            try
            {
                if (!_listed) await ListAsync(cancel).ConfigureAwait(false);
                else if (_watch is null) await OpenAsync(cancel).ConfigureAwait(false);
                else await ReadAsync(_watch, cancel).ConfigureAwait(false);
            }
            catch (EtcdException e)
            {
                await CloseAsync().ConfigureAwait(false);
                _failed = true;

                // A list that was overtaken by compaction between two pages is no absence.
                if (_away || e.IsCompacted) continue;
                _away = true;
                return new MirrorStep.Away(e);
            }
        }
    }

    public ValueTask DisposeAsync() => CloseAsync();

    private async ValueTask CloseAsync()
    {
        if (_watch is not { } watch) return;
        _watch = null;
        await watch.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Opens the watch right behind what was told. Only an open watch ends a time away: a list may come from a member that cannot watch.</summary>
    private async Task OpenAsync(CancellationToken cancel)
    {
        EtcdWatch watch = await client.WatchAsync(new WatchRequest(_range) { StartRevision = _revision + 1 }, cancel).ConfigureAwait(false);
        _watch = watch;
        if (watch.Revision < _revision && await IsSetBackAsync(cancel).ConfigureAwait(false))
        {
            // It would wait in silence until the store has grown past what we knew.
            await CloseAsync().ConfigureAwait(false);
            _listed = false;
            return;
        }

        if (!_away) return;
        _away = false;
        _ready.Enqueue(new MirrorStep.Back(_revision));
    }

    /// <summary>A member that is behind, or a store that is? A majority knows.</summary>
    private async Task<bool> IsSetBackAsync(CancellationToken cancel)
    {
        EtcdResult.Range now = await client.RangeAsync(new EtcdOperation.Range(_range) { CountOnly = true }, cancel).ConfigureAwait(false);
        return now.Header.Revision < _revision;
    }

    private async Task ReadAsync(EtcdWatch watch, CancellationToken cancel)
    {
        WatchStep step;
        try
        {
            step = await watch.NextAsync(cancel).ConfigureAwait(false);
        }
        catch (EtcdException)
        {
            client.TurnFrom(watch.Endpoint);
            throw;
        }
        catch (OperationCanceledException)
        {
            // A read that was cut in the middle of a message cannot go on.
            await CloseAsync().ConfigureAwait(false);
            throw;
        }

        // Not sooner: a member that makes every watch and ends it at once is not asked without pauses.
        _pause.Reset();
        switch (step)
        {
            case WatchStep.Progress progress:
                _revision = Math.Max(_revision, progress.Revision);
                break;
            case WatchStep.Changes changes:
                Apply(changes);
                break;
            default:
                await CloseAsync().ConfigureAwait(false);
                _listed = false;
                break;
        }
    }

    private void Apply(WatchStep.Changes changes)
    {
        var last = new Dictionary<string, WatchEvent>(StringComparer.Ordinal);
        long told = _revision;
        foreach (WatchEvent change in changes.Events)
        {
            // A member may tell again what we know; never back in time.
            if (change.Entry.ModRevision > told) last[change.Entry.KeyText] = change;
        }

        var changed = new List<KeyValue>();
        var gone = new List<string>();
        foreach ((string key, WatchEvent change) in last)
        {
            if (!change.IsDelete && Put(key, change.Entry)) changed.Add(change.Entry);
            if (change.IsDelete && _entries.Remove(key)) gone.Add(key);
        }

        _revision = Math.Max(_revision, changes.Revision);
        if (changed.Count + gone.Count > 0) _ready.Enqueue(new MirrorStep.Changes(_revision, changed, gone));
    }

    /// <summary>Takes an entry in; false: its value is the one we knew.</summary>
    private bool Put(string key, KeyValue entry)
    {
        bool same = _entries.TryGetValue(key, out KeyValue? known) && known.Value.Span.SequenceEqual(entry.Value.Span);
        _entries[key] = entry;
        return !same;
    }

    /// <summary>Reads all pages as of one revision; then, the first time, tells them, and later what is different.</summary>
    private async Task ListAsync(CancellationToken cancel)
    {
        var entries = new List<KeyValue>();
        long revision = 0;
        KeyRange rest = _range;
        while (true)
        {
            EtcdResult.Range page = await client.RangeAsync(new EtcdOperation.Range(rest) { Limit = PageKeys, Revision = revision }, cancel).ConfigureAwait(false);
            if (revision == 0) revision = page.Header.Revision;
            entries.AddRange(page.Entries);
            if (!page.More) break;
            // Each page is one key further at least, so the list ends.
            if (page.Entries.Count == 0) throw new EtcdException($"KV/Range {_range}", null, GrpcStatus.Internal, "an empty page that says there is more", false);
            rest = rest.After(page.Entries[^1].Key);
        }

        _listed = true;
        _revision = revision;
        if (_told) Compare(entries);
        else Tell(entries);
    }

    private void Tell(List<KeyValue> entries)
    {
        foreach (KeyValue entry in entries) _entries[entry.KeyText] = entry;
        _told = true;
        _ready.Enqueue(new MirrorStep.Snapshot(_revision, entries));
    }

    private void Compare(List<KeyValue> entries)
    {
        var present = new HashSet<string>(entries.Count, StringComparer.Ordinal);
        var changed = new List<KeyValue>();
        foreach (KeyValue entry in entries)
        {
            string key = entry.KeyText;
            present.Add(key);
            if (Put(key, entry)) changed.Add(entry);
        }

        var gone = new List<string>();
        foreach (string key in _entries.Keys)
        {
            if (!present.Contains(key)) gone.Add(key);
        }

        foreach (string key in gone) _entries.Remove(key);
        if (changed.Count + gone.Count > 0) _ready.Enqueue(new MirrorStep.Changes(_revision, changed, gone));
    }
}
