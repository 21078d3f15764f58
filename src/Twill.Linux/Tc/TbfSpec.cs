using Twill.Linux.Route;

namespace Twill.Linux.Tc;

/// <summary>A token bucket that holds a device's outgoing packets to a rate. Like: tc qdisc add dev D root tbf rate R burst B latency L.</summary>
public readonly record struct TbfSpec
{
    public required IfIndex Dev { get; init; }

    /// <summary>Bytes per second; 4 GB/s and more too.</summary>
    public required ulong RateBytesPerSecond { get; init; }

    /// <summary>Bytes that may go at once after a pause; at least one packet with its headers, better 1/100 second of the rate.</summary>
    public required uint BurstBytes { get; init; }

    /// <summary>How long a packet may wait before it is dropped, in microseconds; used where <see cref="LimitBytes"/> is 0.</summary>
    public uint LatencyUs { get; init; }

    /// <summary>Bytes that may wait; 0: from <see cref="LatencyUs"/>.</summary>
    public uint LimitBytes { get; init; }

    /// <summary>Null: the root.</summary>
    public TcHandle? Parent { get; init; }

    /// <summary>Null: the kernel chooses.</summary>
    public TcHandle? Handle { get; init; }

    public override string ToString() => $"tbf rate {RateBytesPerSecond}Bps burst {BurstBytes}b dev #{Dev}";

    internal uint EffectiveLimit => LimitBytes != 0 ? LimitBytes : (uint)Math.Min((RateBytesPerSecond * (double)LatencyUs / 1e6) + BurstBytes, uint.MaxValue);
}
