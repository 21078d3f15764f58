namespace Twill.Bench;

/// <summary>Names a row of one subject.</summary>
public readonly record struct RowKey(string Scenario, int Pods, int Workers, string Verb, string Subject);

/// <summary>What one call does, counted by ptrace(2); medians of a few calls.</summary>
public sealed record CallCount(string Scenario, string Verb, string Subject, double Processes, double Threads, double Calls, IReadOnlyDictionary<int, long> Histogram);

/// <summary>Everything that a run measured.</summary>
public sealed class Results(IReadOnlyList<Subject> subjects, IReadOnlyList<Scenario> scenarios)
{
    private readonly Dictionary<RowKey, Series> _rows = [];
    private readonly Dictionary<(string Floor, string Scenario), Series> _floors = [];

    /// <summary>Twill first, then the peers; the first peer is the one that aims are against.</summary>
    public IReadOnlyList<Subject> Subjects => subjects;

    public IReadOnlyList<Scenario> Scenarios => scenarios;

    public List<CallCount> Counts { get; } = [];

    public IEnumerable<KeyValuePair<RowKey, Series>> Rows => _rows;

    public bool Interrupted { get; set; }

    public Series Row(RowKey key)
    {
        if (!_rows.TryGetValue(key, out Series? series)) _rows[key] = series = new Series();
        return series;
    }

    public Series? Find(RowKey key) => _rows.TryGetValue(key, out Series? series) && series.Samples.Count > 0 ? series : null;

    public Series Floor(string name, string scenario)
    {
        if (!_floors.TryGetValue((name, scenario), out Series? series)) _floors[(name, scenario)] = series = new Series();
        return series;
    }

    public IEnumerable<string> Floors => _floors.Keys.Select(k => k.Floor).Distinct();

    /// <summary>All of a floor's calls, of the whole run.</summary>
    public double[] FloorMs(string name) => [.. _floors.Where(f => f.Key.Floor == name).SelectMany(f => f.Value.Samples).Select(s => s.Ns / 1e6).Order()];

    /// <summary>Page faults of a floor's call, median.</summary>
    public double FloorFaults(string name) => Series.Quantile([.. _floors.Where(f => f.Key.Floor == name).SelectMany(f => f.Value.Samples).Select(s => (double)s.Faults).Order()], 0.5);

    /// <summary>How far a floor's median moved between the configurations of one run, by its median: nothing smaller than that is a finding.</summary>
    public double Spread(string name)
    {
        double[] medians = [.. _floors.Where(f => f.Key.Floor == name && f.Value.Samples.Count > 0).Select(f => f.Value.Ms(0.5)).Order()];
        return medians.Length == 0 ? double.NaN : (medians[^1] - medians[0]) / Series.Quantile(medians, 0.5);
    }
}
