namespace Twill.Kube;

/// <content>The loop: list, watch, wait, again.</content>
public sealed partial class Informer<T>
{
    /// <summary>After so many refusals that are no 410 the version itself is suspect: an etcd restored from a backup does not know it.</summary>
    private const int MaxWatchRefusals = 5;

    /// <summary>How often a list older than what we saw is taken for a server that lags; afterwards for one that was set back.</summary>
    internal const int MaxStaleLists = 5;

    private readonly ObjectReader<T> _objects;
    private readonly Backoff _backoff;

    /// <summary>The next watch begins behind it; null: list first.</summary>
    private ulong? _position;
    private ulong _seen;
    private long? _awaySince;
    private Exception? _problem;
    private long _lists, _watches, _events, _skipped;
    private long _listedAt;
    private TimeSpan _relistAfter;
    private int _staleLists, _watchRefusals;
    private bool _pageless;
    private bool _lost;

    private async Task RunAsync(CancellationToken ct)
    {
        // Off the caller's thread and context at once.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            while (true)
                await _backoff.WaitAsync(await AttemptAsync(ct), ct);
        }
        catch (OperationCanceledException e) when (ct.IsCancellationRequested)
        {
            _store.Close(e);
        }
        catch (Exception e)
        {
            _store.Close(e);
            throw;
        }
    }

    /// <summary>A list if one is needed, and a watch up to its end.</summary>
    /// <returns>How long the server asked us to wait.</returns>
    private async Task<TimeSpan?> AttemptAsync(CancellationToken ct)
    {
        try
        {
            if (_position is null)
                await ListAsync(ct);
            await WatchAsync(ct);
            return null;
        }
        catch (KubeException e)
        {
            var isNews = true;
            switch (e.Fault)
            {
                case KubeFault.Gone:
                    // During a list: the pages took longer than the server remembers. All in one page cannot be cut.
                    isNews = _pageless;
                    _pageless = _position is null;
                    _position = null;
                    break;
                case KubeFault.Refused or KubeFault.Malformed or KubeFault.Timeout or KubeFault.NotFound when _position is not null && ++_watchRefusals >= MaxWatchRefusals:
                    _position = null;
                    break;
            }

            if (isNews)
                Lost(e);
            return e.RetryAfter;
        }
    }

    private async Task ListAsync(CancellationToken ct)
    {
        var fresh = new Dictionary<string, KubeStore<T>.Entry>(_store.Entries.Count, StringComparer.Ordinal);
        var version = await _client.ListAsync(_resource, _objects, _pageless ? 0 : _client.Options.PageSize, item =>
        {
            if (!fresh.TryGetValue(item.Key, out var twice) || twice.Version < item.Version)
                fresh[item.Key] = new(item.Value, item.Version);
            if (fresh.Count > _options.MaxObjects)
                throw KubeException.TooMany(_resource.Plural, _options.MaxObjects);
        }, e =>
        {
            Skip(e);
            if (e.Key is { } key && _store.TryGetEntry(key, out var old))
                fresh[key] = old;
        }, ct);
        if (version < _seen && ++_staleLists < MaxStaleLists)
            throw KubeException.Stale(_resource.Plural, version, _seen);

        (_staleLists, _watchRefusals, _pageless) = (0, 0, false);
        var first = !_store.IsSynced;
        var differ = _store.Replace(fresh);
        lock (_store.Lock)
        {
            _lists++;
            _seen = version;
        }

        _position = version;
        (_listedAt, _relistAfter) = (_client.Options.Time.GetTimestamp(), RelistTime());
        Tell(new InformerNotice(first ? InformerNoticeKind.Synced : InformerNoticeKind.Relisted, null, differ));
    }

    private async Task WatchAsync(CancellationToken ct)
    {
        var time = _client.Options.Time;
        var left = _relistAfter == Timeout.InfiniteTimeSpan ? _relistAfter : _relistAfter - time.GetElapsedTime(_listedAt);
        if (left <= TimeSpan.Zero && left != Timeout.InfiniteTimeSpan)
        {
            _position = null;
            return;
        }

        using var relist = new CancellationTokenSource(left, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(relist.Token, ct);
        var began = time.GetTimestamp();
        try
        {
            await foreach (var change in _client.WatchAsync(_resource, _objects, _position!.Value, Opened, either.Token))
            {
                (_watchRefusals, var known) = (0, true);
                if (change.Problem is { } problem)
                    Skip(problem);
                else
                    known = Take(change);
                if (!known)
                {
                    _position = null;
                    return;
                }

                _backoff.Reset();
            }

            // A quiet one that the server ended in good time is no failure.
            if (time.GetElapsedTime(began) > _options.MaxBackoff)
                _backoff.Reset();
        }
        catch (OperationCanceledException) when (relist.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            _position = null;
        }
    }

    /// <summary>One event into the store. False if it cannot be placed: only a list tells what is true.</summary>
    private bool Take(in KubeEvent<T> change)
    {
        lock (_store.Lock)
        {
            if (change.Type != KubeEventType.Bookmark)
                _events++;
        }

        if (change.Type != KubeEventType.Bookmark)
        {
            var exists = _store.TryGetEntry(change.Key, out var old);
            // Of something that is not there, but not new either: it came before a deletion that we saw, or after one that we missed.
            if (!exists && change.Type != KubeEventType.Deleted && change.Version <= _seen)
                return false;
            if (!exists || change.Version > old.Version)
            {
                if (change.Type == KubeEventType.Deleted)
                    _store.Remove(change.Key);
                else if (!exists && _store.Entries.Count >= _options.MaxObjects)
                    throw KubeException.TooMany(_resource.Plural, _options.MaxObjects);
                else
                    _store.Put(change.Key, change.Value!, change.Version);
            }
        }

        if (change.Version > _seen)
        {
            lock (_store.Lock)
                _seen = change.Version;
        }

        _position = _seen;
        return true;
    }

    private TimeSpan RelistTime() =>
        _options.RelistEvery == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : _options.RelistEvery * (0.8 + (_client.Options.Random.NextDouble() * 0.4));

    private void Opened()
    {
        long? since;
        lock (_store.Lock)
        {
            _watches++;
            since = _awaySince;
            (_awaySince, _problem) = (null, null);
        }

        if (_lost && since is { } from)
            Tell(new InformerNotice(InformerNoticeKind.Back, After: _client.Options.Time.GetElapsedTime(from)));
        _lost = false;
    }

    private void Lost(KubeException e)
    {
        var same = _problem is { } before && before.Message == e.Message;
        lock (_store.Lock)
        {
            _awaySince ??= _client.Options.Time.GetTimestamp();
            _problem = e;
        }

        if (!_lost)
            Tell(new InformerNotice(InformerNoticeKind.Away, e));
        else if (!same)
            Tell(new InformerNotice(InformerNoticeKind.StillAway, e));
        _lost = true;
    }

    private void Skip(KubeException e)
    {
        lock (_store.Lock)
            _skipped++;
        Tell(new InformerNotice(InformerNoticeKind.Skipped, e));
    }

    private void Tell(in InformerNotice notice) => _options.Notice?.Invoke(notice);
}
