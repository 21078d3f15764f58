namespace Twill.Linux.Tc;

/// <summary>A token bucket's settings as the kernel keeps them.</summary>
/// <param name="BurstBytes">Kept by the kernel in ticks of 64 ns: off by a few bytes at high rates.</param>
public readonly record struct TbfInfo(ulong RateBytesPerSecond, uint BurstBytes, uint LimitBytes);
