using Twill.Linux.Sys;

namespace Twill.Trace;

/// <summary>The answer of `twill trace`.</summary>
/// <param name="Seen">Null: nothing was sent.</param>
internal sealed record TraceReport(TraceRequest Request, Prediction Prediction, ProbeResult? Seen, Comparison Comparison)
{
    /// <summary>As observed, or where nothing was sent as predicted.</summary>
    internal bool Reaches => Seen is null ? Prediction.Reaches : Delivered && (Answered || Silent);

    internal bool Answered => Seen is not null && Seen.Sightings.Any(s => s.Kind == SightingKind.Back && s.Point.Namespace == Prediction.From.Space!.Name && !s.Point.Outgoing && !(s.Refused && Prediction.There.Cause is { Refuses: true }));

    /// <summary>It arrived, and nobody listens on that port.</summary>
    internal bool Refused => Seen is not null && Seen.Sightings.Any(s => s.Refused);

    internal bool Agrees => Comparison.Differences.Count == 0;

    /// <summary>Round trip in microseconds, from the first sighting to the answer's arrival; null: none was seen.</summary>
    internal double? RoundTripMicros
    {
        get
        {
            if (Seen is null || Seen.Sightings.Count == 0) return null;
            Sighting? back = Seen.Sightings.FirstOrDefault(s => s.Kind == SightingKind.Back && s.Point.Namespace == Prediction.From.Space!.Name && !s.Point.Outgoing);
            return back is null ? null : (back.TimeNs - Seen.Sightings[0].TimeNs) / 1000.0;
        }
    }

    /// <summary>Somebody on the way told the sender why.</summary>
    internal Sighting? Message => Seen?.Sightings.FirstOrDefault(s => s.Kind == SightingKind.Error);

    internal string? SendError => Seen is { SendError: not Errno.None } seen ? $"{seen.SendError.Name} {seen.SendError.Text}" : null;

    private bool Delivered => Answered || (Prediction.There.Arrived is not null && Comparison.There.All(r => r.Hop.Point is null || r.Micros is not null));

    /// <summary>A program that got a datagram need not answer.</summary>
    private bool Silent => Prediction.Sent.Kind == TraceProtocol.Udp && Delivered;
}
