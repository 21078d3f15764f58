namespace Twill.Trace;

/// <summary>A part of the way, and how long the packet was in it.</summary>
internal sealed record PathTime(string Place, double Micros);

/// <summary>One packet sent, and its answer.</summary>
/// <param name="Micros">There and back, microseconds; null: no answer.</param>
/// <param name="Parts">Of the way there, then of the way back.</param>
internal sealed record Pong(double? Micros, IReadOnlyList<PathTime> Parts);

/// <summary>The answer of `twill ping`.</summary>
/// <param name="Path">"direct route via node2".</param>
/// <param name="Nat">"no NAT", or who translates what.</param>
internal sealed record PongReport(Prediction Prediction, string Path, string Nat, int Mtu, IReadOnlyList<Pong> Pongs)
{
    internal int Back => Pongs.Count(p => p.Micros is not null);

    /// <summary>What somebody on the way or the kernel said about one that was lost; null: nothing.</summary>
    internal string? Message { get; init; }

    /// <summary>How long the packet was where, from its sightings: a place ends where the next one begins.</summary>
    internal static IReadOnlyList<PathTime> PartsOf(Prediction prediction, ProbeResult seen)
    {
        var parts = new List<PathTime>();
        string? place = null;
        long since = 0, last = 0;
        foreach ((Journey? journey, SightingKind kind) in ((Journey?, SightingKind)[])[(prediction.There, SightingKind.There), (prediction.Back, SightingKind.Back)])
        {
            foreach (Hop hop in journey?.Hops ?? [])
            {
                if (hop.Point is not { } point || seen.At(point, kind) is not { } sighting) continue;
                if (place is not null && hop.Place != place)
                {
                    parts.Add(new PathTime(place, (sighting.TimeNs - since) / 1000.0));
                    since = sighting.TimeNs;
                }

                if (place is null) since = sighting.TimeNs;
                place = hop.Place;
                last = sighting.TimeNs;
            }
        }

        if (place is not null) parts.Add(new PathTime(place, (last - since) / 1000.0));
        return parts;
    }
}
