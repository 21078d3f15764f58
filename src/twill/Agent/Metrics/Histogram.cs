namespace Twill.Agent.Metrics;

/// <summary>How often a duration fell into which bucket; written by one thread, read by any.</summary>
/// <param name="bounds">Upper ends of the buckets in seconds, growing.</param>
internal sealed class Histogram(params double[] bounds)
{
    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[bounds.Length];
    private long _count;
    private double _sum;

    internal IReadOnlyList<double> Bounds => bounds;

    /// <summary>Of each bucket alone, without the smaller ones.</summary>
    internal IReadOnlyList<long> Counts
    {
        get
        {
            lock (_lock) return [.. _counts];
        }
    }

    internal long Count
    {
        get
        {
            lock (_lock) return _count;
        }
    }

    /// <summary>Seconds.</summary>
    internal double Sum
    {
        get
        {
            lock (_lock) return _sum;
        }
    }

    internal void Observe(double seconds)
    {
        lock (_lock)
        {
            _count++;
            _sum += seconds;
            int i = Array.FindIndex(bounds, b => seconds <= b);
            if (i >= 0) _counts[i]++;
        }
    }
}
