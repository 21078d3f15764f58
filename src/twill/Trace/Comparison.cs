using System.Globalization;

namespace Twill.Trace;

/// <summary>Prediction and observation side by side, and where they differ.</summary>
internal sealed record Comparison(IReadOnlyList<HopRow> There, IReadOnlyList<HopRow> Back, IReadOnlyList<string> Differences)
{
    internal static Comparison Of(Prediction prediction, ProbeResult? seen)
    {
        if (seen is null) return new Comparison(Unasked(prediction.There), prediction.Back is { } way ? Unasked(way) : [], []);
        var differences = new List<string>();
        long start = seen.Sightings.Count > 0 ? seen.Sightings[0].TimeNs : 0;
        bool answered = seen.Sightings.Any(s => s.Kind == SightingKind.Back);
        List<HopRow> there = Rows(prediction.There, seen, SightingKind.There, start, answered, differences);
        bool mute = prediction.Sent.Kind == TraceProtocol.Udp && !answered; // a program that listens need not answer
        List<HopRow> back = prediction.Back is { } journey ? mute ? [.. Unasked(journey)] : Rows(journey, seen, SightingKind.Back, start, seen.Sightings.Any(s => s.Kind == SightingKind.Back && s.Point.Namespace == prediction.From.Space!.Name && !s.Point.Outgoing), differences) : [];
        if (prediction.Back is null && answered && !(prediction.There.Cause is { Refuses: true } && seen.Sightings.All(s => s.Kind != SightingKind.Back || s.Refused))) differences.Add("predicted to be lost on the way there, but it was answered");
        return new Comparison(there, back, differences);
    }

    private static IReadOnlyList<HopRow> Unasked(Journey journey) => [.. journey.Hops.Select(h => new HopRow(h, Seen.NotAsked, null))];

    private static List<HopRow> Rows(Journey journey, ProbeResult seen, SightingKind kind, long start, bool delivered, List<string> differences)
    {
        var sightings = new Sighting?[journey.Hops.Count];
        int last = -1;
        for (int i = 0; i < sightings.Length; i++)
        {
            sightings[i] = journey.Hops[i].Point is { } point ? seen.At(point, kind) : null;
            if (sightings[i] is not null) last = i;
        }

        if (delivered && journey.Arrived is not null) last = sightings.Length - 1;

        // Seen as far as it should be: the loss is where it was predicted, whatever cannot be seen before.
        int end = sightings.Length - 1;
        bool asPredicted = journey.Cause is not null && journey.Hops[end].Point is null && !Enumerable.Range(last + 1, end - last).Any(i => journey.Hops[i].Point is not null);
        var rows = new List<HopRow>(sightings.Length);
        bool lost = false;
        for (int i = 0; i < sightings.Length; i++)
        {
            Hop hop = journey.Hops[i];
            Seen state = sightings[i] is not null ? Seen.Yes : i < last || (i == last && hop.Point is null) || (asPredicted && i < end) ? Seen.Passed : lost ? Seen.No : Seen.Lost;
            if (hop.Point is not null && sightings[i] is null && state == Seen.Passed) state = Seen.No;

            // The last step of one that arrived cannot be seen itself.
            if (state == Seen.Lost && hop.Ok && hop.Point is null && i == sightings.Length - 1 && i > 0 && sightings[i - 1] is not null) state = Seen.Passed;
            if (sightings[i] is not null && !hop.Ok) state = Seen.Lost; // seen, and no further
            lost |= state == Seen.Lost;
            rows.Add(new HopRow(hop, state, sightings[i] is { } s ? (s.TimeNs - start) / 1000.0 : null));
            if (sightings[i] is { } here && (here.Source != hop.Source || here.Destination != hop.Destination))
                differences.Add($"{Where(hop)}: predicted {hop.Source} → {hop.Destination}, seen {here.Source} → {here.Destination}");
        }

        Judge(journey, seen, kind, rows, differences);
        return rows;
    }

    private static void Judge(Journey journey, ProbeResult seen, SightingKind kind, List<HopRow> rows, List<string> differences)
    {
        int missing = rows.FindIndex(r => r.Hop.Point is not null && r.Hop.Ok && r.Micros is null);
        string way = kind == SightingKind.There ? "" : "the answer ";
        if (missing >= 0)
        {
            int before = rows.FindLastIndex(missing, r => r.Micros is not null);
            string last = before < 0 ? "not seen anywhere" : $"last seen at {Where(rows[before].Hop)}";
            differences.Add($"{way}predicted at {Where(rows[missing].Hop)}, not seen there; {last}");
        }

        // Copies that a bridge sends to all its ports, and frames for others, are no way of the packet.
        Sighting? more = seen.Sightings.FirstOrDefault(s => s.Kind == kind && !s.Point.Outgoing && !s.OtherHost && !rows.Exists(r => r.Hop.Point == s.Point));
        if (more is not null) differences.Add(string.Create(CultureInfo.InvariantCulture, $"{way}{(journey.Cause is null ? "not predicted" : "predicted to be lost before")}, but seen: {more.Point.Namespace} {more.Point.Device}, {more.Source} → {more.Destination}"));
    }

    private static string Where(Hop hop) => $"{hop.Place} {hop.Where}";
}
