namespace Twill.Kube;

/// <summary>Waits between attempts: doubling from the least to the most, each half to all of it by chance, so that clients that lost one server do not come back together.</summary>
internal sealed class Backoff(TimeSpan min, TimeSpan max, TimeProvider time, Random random)
{
    private readonly TimeSpan _min = min;

    /// <summary>A server's Retry-After is followed up to here.</summary>
    private static readonly TimeSpan s_maxAsked = TimeSpan.FromMinutes(5);

    private TimeSpan _next = min;

    public void Reset() => _next = _min;

    /// <param name="asked">What the server asked for; its clients should not come at the same moment either.</param>
    public TimeSpan Next(TimeSpan? asked)
    {
        var wait = _next * (0.5 + (random.NextDouble() / 2));
        _next = _next * 2 < max ? _next * 2 : max;
        if (asked is not { } least)
            return wait;
        least = least < s_maxAsked ? least : s_maxAsked;
        return least + wait;
    }

    public Task WaitAsync(TimeSpan? asked, CancellationToken ct) => Task.Delay(Next(asked), time, ct);
}
