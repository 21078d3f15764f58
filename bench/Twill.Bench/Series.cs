namespace Twill.Bench;

/// <summary>One call: nanoseconds on the clock, microseconds of CPU of all its processes, minor page faults.</summary>
public readonly record struct Sample(long Ns, long UserUs, long SystemUs, long Faults);

/// <summary>The calls of one row.</summary>
public sealed class Series
{
    private readonly List<Sample> _samples = [];
    private double[]? _sorted;

    public IReadOnlyList<Sample> Samples => _samples;

    /// <summary>Calls that failed; they are in no figure.</summary>
    public int Failed { get; private set; }

    /// <summary>Nanoseconds from the first start to the last end, summed over batches; for calls per second.</summary>
    public long BatchNs { get; set; }

    public void Add(Outcome outcome)
    {
        if (outcome.Ok) _samples.Add(new Sample(outcome.Ns, outcome.UserUs, outcome.SystemUs, outcome.Faults));
        else Failed++;
        _sorted = null;
    }

    public double Ms(double quantile)
    {
        _sorted ??= [.. _samples.Select(s => s.Ns / 1e6).Order()];
        return Quantile(_sorted, quantile);
    }

    public double PerSecond => BatchNs == 0 ? 0 : _samples.Count * 1e9 / BatchNs;

    public double CpuMs => Quantile([.. _samples.Select(s => (s.UserUs + s.SystemUs) / 1e3).Order()], 0.5);

    public double Faults => Quantile([.. _samples.Select(s => (double)s.Faults).Order()], 0.5);

    /// <summary>Nearest rank: a value that was measured, never one between two. 0.99 of fewer than 100 is the largest.</summary>
    public static double Quantile(IReadOnlyList<double> sorted, double quantile)
        => sorted.Count == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(quantile * sorted.Count) - 1, 0, sorted.Count - 1)];
}
