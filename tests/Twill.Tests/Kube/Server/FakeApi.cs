using System.Collections.Immutable;

namespace Twill.Tests.Kube.Server;

/// <summary>The objects of one resource as an API server keeps them: versions, a log of events, a past that can be compacted away.</summary>
internal sealed class FakeApi
{
    private readonly Lock _lock = new();
    private readonly List<LogEntry> _log = [];
    private readonly SortedList<ulong, ImmutableSortedDictionary<string, StoredObject>> _past = [];
    private ImmutableSortedDictionary<string, StoredObject> _objects = ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeApi(ulong version = 1000)
    {
        Version = version;
        _past[version] = _objects;
    }

    internal sealed record StoredObject(string Name, ulong Version, string Json);

    internal sealed record LogEntry(string Type, StoredObject Object);

    public ulong Version { get; private set; }

    public ulong Compacted { get; private set; }

    public ImmutableSortedDictionary<string, StoredObject> Objects
    {
        get
        {
            lock (_lock)
                return _objects;
        }
    }

    /// <summary>Completes with the next change.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
                return _changed.Task;
        }
    }

    /// <param name="json">Gets the version and gives the object's text.</param>
    public StoredObject Put(string name, Func<ulong, string> json)
    {
        lock (_lock)
        {
            var made = new StoredObject(name, ++Version, json(Version));
            Log(_objects.ContainsKey(name) ? "MODIFIED" : "ADDED", made, _objects.SetItem(name, made));
            return made;
        }
    }

    public void Delete(string name)
    {
        lock (_lock)
        {
            if (!_objects.TryGetValue(name, out var old))
                return;
            Version++;
            Log("DELETED", old with { Version = Version, Json = old.Json.Replace($"\"resourceVersion\":\"{old.Version}\"", $"\"resourceVersion\":\"{Version}\"") }, _objects.Remove(name));
        }
    }

    /// <summary>Forgets the past: watches and pages from before are gone.</summary>
    public void Compact()
    {
        lock (_lock)
        {
            Compacted = Version;
            _log.Clear();
            _past.Clear();
            _past[Version] = _objects;
        }
    }

    /// <summary>An etcd restored from a backup: an older version with what was there then.</summary>
    public void Restore(ulong version)
    {
        lock (_lock)
        {
            _objects = _past[version];
            Version = version;
            _log.Clear();
            Compacted = version;
            _past.Clear();
            _past[version] = _objects;
            Signal();
        }
    }

    /// <summary>What follows a version; null if that is compacted.</summary>
    public IReadOnlyList<LogEntry>? After(ulong version, out Task changed)
    {
        lock (_lock)
        {
            changed = _changed.Task;
            return version < Compacted ? null : _log.Where(e => e.Object.Version > version).ToList();
        }
    }

    /// <summary>The objects at a version; null if that is compacted.</summary>
    public ImmutableSortedDictionary<string, StoredObject>? At(ulong version)
    {
        lock (_lock)
            return _past.GetValueOrDefault(version);
    }

    /// <summary>A version of the past that is still known.</summary>
    public ulong SomePast(Random random)
    {
        lock (_lock)
            return _past.Keys[random.Next(_past.Count)];
    }

    private void Log(string type, StoredObject item, ImmutableSortedDictionary<string, StoredObject> now)
    {
        _log.Add(new LogEntry(type, item));
        _objects = now;
        _past[Version] = now;
        Signal();
    }

    private void Signal()
    {
        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
