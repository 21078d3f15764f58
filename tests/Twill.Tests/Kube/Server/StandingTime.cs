namespace Twill.Tests.Kube.Server;

/// <summary>A clock that moves only when told, for what looks at time stamps.</summary>
internal sealed class StandingTime : TimeProvider
{
    private long _now = 1;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public void Pass(TimeSpan time) => Interlocked.Add(ref _now, time.Ticks);
}
