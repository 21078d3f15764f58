using Twill.Agent.Metrics;
using Twill.Cni;
using Twill.Linux.Sys;
using Twill.Plugin;

namespace Twill.Agent.Answers;

/// <summary>Counts runs of the plugin since this agent started. Written by the thread that takes their notes, read by any.</summary>
internal sealed class RunTally
{
    /// <summary>The label of a code that is none of ours: a delegated plugin's own.</summary>
    internal const string OtherCode = "other";

    private static readonly int[] s_codes =
    [
        0, CniErrorCode.IncompatibleVersion, CniErrorCode.UnsupportedField, CniErrorCode.InvalidEnvironment, CniErrorCode.IOFailure, CniErrorCode.DecodingFailure, CniErrorCode.InvalidConfig,
        CniErrorCode.InvalidNetNs, CniErrorCode.TryAgainLater, CniErrorCode.NotAvailable, CniErrorCode.AlreadyExists, CniErrorCode.CheckFailed, CniErrorCode.KernelRefused, CniErrorCode.DelegateFailed, CniErrorCode.Internal,
    ];

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, SortedDictionary<string, long>> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Histogram> _durations = new(StringComparer.Ordinal);

    /// <summary>By verb and code.</summary>
    internal IReadOnlyList<(string Verb, string Code, long Count)> Counts
    {
        get
        {
            lock (_lock) return [.. _counts.SelectMany(v => v.Value.Select(c => (v.Key, c.Key, c.Value)))];
        }
    }

    internal IReadOnlyList<(string Verb, Histogram Seconds)> Durations
    {
        get
        {
            lock (_lock) return [.. _durations.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => (d.Key, d.Value))];
        }
    }

    internal void Note(RunNote run)
    {
        string code = Array.IndexOf(s_codes, run.Code) >= 0 ? $"{run.Code}" : OtherCode;
        Histogram seconds;
        lock (_lock)
        {
            if (!_counts.TryGetValue(run.Verb, out SortedDictionary<string, long>? codes)) _counts.Add(run.Verb, codes = new(StringComparer.Ordinal));
            codes[code] = codes.GetValueOrDefault(code) + 1;
            if (!_durations.TryGetValue(run.Verb, out seconds!)) _durations.Add(run.Verb, seconds = new(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5));
        }

        seconds.Observe(run.Microseconds / 1e6);
    }

    /// <summary>Takes notes until the box breaks; on a thread of its own. What root did not send is not believed.</summary>
    internal void Run(Postbox box)
    {
        byte[] message = new byte[Postbox.MaxBytes];
        while (true)
        {
            int length = box.Receive(message, out uint? user);
            if (user == 0 && RunNote.TryParse(message.AsSpan(0, length), out RunNote run)) Note(run);
        }
    }
}
