using System.Globalization;
using Twill.Lab;
using Twill.Lab.State;
using Twill.Lab.Steps;
using Twill.Linux.Route;

namespace Twill.Trace;

/// <summary>Answers why A does not reach B: the first thing on the way that is wrong, there or back, with small packets or with full ones.</summary>
/// <param name="goal">The network that was asked for: what differs from it on the way is told beside the cause.</param>
internal sealed class Why(Tracer tracer, Diagnosis diagnosis, LabState goal)
{
    /// <summary>Of a fix, and of notes beside the cause.</summary>
    private const int MaxLines = 6;

    private readonly Lazy<IReadOnlyList<LabStep>> _steps = new(() => LabDifference.Between(goal, tracer.State));

    /// <exception cref="LabException">Not found: one of the names is not of the lab.</exception>
    internal WhyReport Ask(TraceRequest request)
    {
        (Endpoint from, Endpoint to) = tracer.Ends(request);
        foreach (Endpoint end in (Endpoint[])[from, to])
        {
            if (end.Address is null) return Answer(request, diagnosis.OfMissingAddress(end.Space!, Tracer.IsV6(request)), null);
        }

        TraceReport small = tracer.Trace(request);
        if (small.Prediction.Cause is not null)
        {
            Cause cause = to.Space is null && small.Prediction.Cause is { Refuses: false } && !small.Prediction.Translations.Any() ? Nobody(to.Address!.Value) : diagnosis.Of(small.Prediction)!;
            return Answer(request, cause, small) with { Notes = Mended(cause).Fix.Count > 0 ? [] : Others(small.Prediction, cause) };
        }

        if (!small.Reaches) return Answer(request, Unexplained(small), small) with { Notes = Others(small.Prediction, Unexplained(small)) };
        int mtu = PathWords.FirstMtu(small.Prediction);
        if (request.Protocol != TraceProtocol.Tcp)
        {
            TraceReport full = tracer.Trace(request with { Size = mtu });
            if (full.Prediction.Cause is { } tooBig) return Answer(request, diagnosis.Of(full.Prediction) ?? tooBig, full) with { Size = mtu };
            if (!full.Reaches) return Answer(request, Unexplained(full), full) with { Size = mtu };
        }

        string time = small.RoundTripMicros is { } micros ? string.Create(CultureInfo.InvariantCulture, $"{micros / 1000:0.00} ms, ") : "";
        return new WhyReport(request.From, request.To, null, $"{time}{PathWords.Of(small.Prediction)}, {PathWords.Nat(small.Prediction)}, MTU {mtu}", small)
        {
            Notes = small.Refused ? [$"but nobody listens on {request.Protocol.ToString().ToLowerInvariant()} port {request.Port} there"] : [],
        };
    }

    private WhyReport Answer(TraceRequest request, Cause cause, TraceReport? evidence) => new(request.From, request.To, Mended(cause), "", evidence)
    {
        LabMends = cause.Kind != CauseKind.NftDrop && _steps.Value.Any(s => s.Namespace == cause.Namespace),
    };

    /// <summary>With the lab's own lines where the cause has none.</summary>
    private Cause Mended(Cause cause)
    {
        if (cause.Fix.Count > 0) return cause;
        string[] lines = [.. _steps.Value.Where(s => s.Namespace == cause.Namespace).SelectMany(s => s.Lines)];
        return lines.Length is 0 or > MaxLines ? cause : cause with { Fix = lines };
    }

    /// <summary>What else is not as asked for in the namespaces of the way.</summary>
    private string[] Others(Prediction prediction, Cause cause)
    {
        string[] places = [.. prediction.There.Turns.Concat(prediction.Back?.Turns ?? []).Select(t => t.Space.Name).Append(cause.Namespace).Distinct()];
        return [.. _steps.Value.Where(s => places.Contains(s.Namespace) && !cause.Fix.Intersect(s.Lines).Any()).Select(s => $"not as asked for: {s.Missing}").Distinct().Take(MaxLines)];
    }

    /// <summary>Nobody of the lab has it.</summary>
    private Cause Nobody(IpAddress address)
    {
        foreach (NamespaceState node in tracer.State.Nodes)
        {
            if (!node.Addresses.Any(a => a.Device != LabAddresses.Uplink && a.Device != "lo" && a.Address.Contains(address))) continue;
            string[] pods = [.. tracer.State.PodsOf(node.Name).Select(p => $"{p.Name} {p.AddressesOf(LabAddresses.PodInterface).FirstOrDefault(a => a.IsV6 == address.IsV6).Address}")];
            string has = pods.Length == 0 ? "no pods" : string.Join(", ", pods.Take(6)) + (pods.Length > 6 ? $" and {pods.Length - 6} more" : "");
            return new Cause(CauseKind.NoSuchAddress, node.Name, $"no pod has {address}; it would be one of {node.Name}, which has {has}");
        }

        return new Cause(CauseKind.NoSuchAddress, LabNames.Router, $"nobody in the lab has {address}");
    }

    private static Cause Unexplained(TraceReport report)
    {
        int last = report.Comparison.There.Concat(report.Comparison.Back).ToList().FindLastIndex(r => r.Micros is not null);
        HopRow? row = last < 0 ? null : report.Comparison.There.Concat(report.Comparison.Back).ElementAt(last);
        string where = row is null ? "before it was seen anywhere" : $"after {row.Hop.Place} {row.Hop.Where}";
        string by = report.Seen is { RuleDrops: [var rule, ..] } ? $": the kernel says {rule} dropped it" : report.Seen is { DropReasons: [var reason, ..] } ? $": the kernel says {reason}" : "";
        return new Cause(CauseKind.Unexplained, row?.Hop.Point?.Namespace ?? "", $"the packet is lost {where}{by}; nothing that was read explains it");
    }
}
