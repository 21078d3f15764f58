using System.Globalization;
using Twill.Cli;
using Twill.Lab;
using Twill.Lab.State;
using Twill.Linux.Route;

namespace Twill.Trace;

/// <summary>Answers why A does not reach B: the first thing on the way that is wrong, there or back, with small packets or with full ones.</summary>
internal sealed class Why(Tracer tracer, Diagnosis diagnosis)
{
    /// <exception cref="LabException">Not found: one of the names is not of the lab.</exception>
    internal WhyReport Ask(TraceRequest request)
    {
        bool v6 = request.V6 || request.From.Contains(':', StringComparison.Ordinal) || request.To.Contains(':', StringComparison.Ordinal);
        Endpoint from = Endpoint.Find(tracer.State, request.From, v6), to = Endpoint.Find(tracer.State, request.To, v6);
        if (from.Space is null) throw new LabException(ExitCode.NotFound, $"nobody of the lab has the address {from.Word}, so nothing can be sent from it");
        foreach (Endpoint end in (Endpoint[])[from, to])
        {
            if (end.Address is null) return new WhyReport(request.From, request.To, diagnosis.OfMissingAddress(end.Space!, v6), "", null);
        }

        TraceReport small = tracer.Trace(request);
        if (small.Prediction.Cause is not null)
        {
            Cause cause = to.Space is null ? Nobody(to.Address!.Value) : diagnosis.Of(small.Prediction)!;
            return new WhyReport(request.From, request.To, cause, "", small);
        }

        if (!small.Reaches) return new WhyReport(request.From, request.To, Unexplained(small), "", small);
        int mtu = FirstMtu(small.Prediction);
        if (request.Protocol != TraceProtocol.Tcp)
        {
            TraceReport full = tracer.Trace(request with { Size = mtu });
            if (full.Prediction.Cause is { } tooBig) return new WhyReport(request.From, request.To, diagnosis.Of(full.Prediction) ?? tooBig, "", full) { Size = mtu };
            if (!full.Reaches) return new WhyReport(request.From, request.To, Unexplained(full), "", full) { Size = mtu };
        }

        return new WhyReport(request.From, request.To, null, Path(small, mtu), small);
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

    /// <summary>What the sender's own interface carries.</summary>
    private static int FirstMtu(Prediction prediction)
    {
        Turn first = prediction.There.Turns[0];
        return first.Decision.Type == RouteType.Local || first.Decision.Device is not { } device ? prediction.Sent.Length : Math.Min(first.Space.Link(device)?.Mtu ?? prediction.Sent.Length, ushort.MaxValue);
    }

    private static string Path(TraceReport report, int mtu)
    {
        Prediction p = report.Prediction;
        string[] visited = [.. p.There.Turns.Select(t => t.Space.Name).Distinct()];
        string near = p.From.Space!.Kind == LabKind.Pod ? p.From.Space.Node : p.From.Space.Name;
        string way = p.There.Turns[0].Decision.Type == RouteType.Local ? "its own address"
            : visited.Contains(LabNames.Router) && p.There.Arrived!.Kind != LabKind.Router ? $"routed by {string.Join(", ", visited.Skip(1).SkipLast(1))}"
            : p.There.Turns.FirstOrDefault(t => t.Space.Name == near)?.Decision.Gateway is not null && visited.FirstOrDefault(v => v != near && p.There.Turns.First(t => t.Space.Name == v).Space.Kind == LabKind.Node) is { } next ? $"direct route via {next}"
            : visited.Length <= 2 && p.There.Turns.Count == 1 ? "same bridge" : $"by {string.Join(", ", visited)}";
        string nat = p.Translations.Any() ? string.Join(", ", p.Translations.Select(t => $"{t.Words} at {t.Namespace}")) : "no NAT";
        string time = report.RoundTripMicros is { } micros ? string.Create(CultureInfo.InvariantCulture, $"{micros / 1000:0.00} ms, ") : "";
        return $"{time}{way}, {nat}, MTU {mtu}";
    }
}
