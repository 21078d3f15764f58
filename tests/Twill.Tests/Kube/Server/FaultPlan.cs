namespace Twill.Tests.Kube.Server;

/// <summary>What an unlucky API server, or something in front of it, does to an event or an answer.</summary>
internal enum Fault
{
    None,
    Drop,
    Duplicate,
    Reorder,
    Delay,
    Truncate,
    Cut,
    Gone,
    Garbage,
    ServerError,
    Busy,
    Stale,
    Expired,
}

/// <summary>Which fault meets which event or request, decided by a seed and by counting, never by a clock.</summary>
internal sealed class FaultPlan(int seed, Fault[] events, Fault[] requests, int oneIn)
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private int _counted;

    public static FaultPlan None { get; } = new(0, [], [], 1);

    /// <summary>410 after every k-th event.</summary>
    public int GoneEvery { get; init; }

    /// <summary>A fault for the next requests only, whatever the seed says.</summary>
    public Queue<Fault> Next { get; } = new();

    public Random Random => _random;

    public Fault ForEvent()
    {
        lock (_lock)
        {
            if (GoneEvery > 0 && ++_counted % GoneEvery == 0)
                return Fault.Gone;
            return events.Length > 0 && _random.Next(oneIn) == 0 ? events[_random.Next(events.Length)] : Fault.None;
        }
    }

    public Fault ForRequest()
    {
        lock (_lock)
        {
            if (Next.TryDequeue(out var fault))
                return fault;
            return requests.Length > 0 && _random.Next(oneIn) == 0 ? requests[_random.Next(requests.Length)] : Fault.None;
        }
    }

    public int Pick(int below)
    {
        lock (_lock)
            return _random.Next(below);
    }
}
