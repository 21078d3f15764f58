using System.Globalization;

namespace Twill.KernelTests.Plugin;

/// <summary>Counts of a campaign, and the first findings in words.</summary>
internal sealed class Tally(string title)
{
    private const int MaxTexts = 25;

    private readonly Lock _lock = new();
    private readonly List<string> _texts = [];
    private readonly Dictionary<FindingKind, int> _runsWith = [];

    internal string Title { get; } = title;

    /// <summary>State-changing calls of the operation: on an empty host, and with a neighbour there.</summary>
    internal int ColdPoints { get; set; }

    internal int WarmPoints { get; set; }

    internal int Runs { get; private set; }

    internal double Seconds { get; set; }

    internal IReadOnlyList<string> Texts => _texts;

    internal int RunsWith(FindingKind kind) => _runsWith.GetValueOrDefault(kind);

    internal void Add(string run, IReadOnlyList<Finding> findings)
    {
        lock (_lock)
        {
            Runs++;
            foreach (IGrouping<FindingKind, Finding> kind in findings.GroupBy(f => f.Kind)) _runsWith[kind.Key] = RunsWith(kind.Key) + 1;
            foreach (Finding finding in findings)
            {
                if (_texts.Count < MaxTexts) _texts.Add($"{Title}, {run}: {finding.Kind}: {finding.Text}");
            }
        }
    }

    internal static string Header => $"{"configuration, operation",-36} {"points",9} {"runs",6} {"leaks",6} {"DEL/GC failed",14} {"ADD failed",11} {"other",6} {"s",6}";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Title,-36} {$"{ColdPoints}+{WarmPoints}",9} {Runs,6} {RunsWith(FindingKind.Leak),6} {RunsWith(FindingKind.Del),14} {RunsWith(FindingKind.Add),11} {RunsWith(FindingKind.Run),6} {Seconds,6:f1}");
}
