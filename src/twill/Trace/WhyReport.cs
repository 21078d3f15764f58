namespace Twill.Trace;

/// <summary>The answer of `twill why`.</summary>
/// <param name="Cause">Null: it works.</param>
/// <param name="Works">The sentence where it works: "0.09 ms, direct route via node2, no NAT, MTU 1500".</param>
/// <param name="Evidence">The trace that shows it; null: there was nothing to trace.</param>
internal sealed record WhyReport(string From, string To, Cause? Cause, string Works, TraceReport? Evidence)
{
    /// <summary>Small packets pass, and only big ones do not: the size that does not.</summary>
    internal int? Size { get; init; }

    /// <summary>`twill lab fix` puts it right: the lab was not asked for like this.</summary>
    internal bool LabMends { get; init; }

    internal IReadOnlyList<string> Notes { get; init; } = [];
}
