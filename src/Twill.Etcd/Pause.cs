namespace Twill.Etcd;

/// <summary>Pauses between attempts: doubling, bounded, half of each by chance, so that a thousand clients do not come back together.</summary>
internal sealed class Pause(TimeSpan longest, TimeProvider time)
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(50);

    private TimeSpan _next = s_first;

    /// <summary>After a success the next pause is the first again.</summary>
    public void Reset() => _next = s_first;

    public Task Async(CancellationToken cancel)
    {
        TimeSpan pause = _next / 2 + (_next / 2 * Random.Shared.NextDouble());
        _next = _next * 2 < longest ? _next * 2 : longest;
        return Task.Delay(pause, time, cancel);
    }
}
