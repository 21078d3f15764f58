namespace Twill.Trace;

internal enum Seen
{
    /// <summary>Nothing was sent.</summary>
    NotAsked,

    Yes,

    /// <summary>It cannot be seen here, but was seen later.</summary>
    Passed,

    /// <summary>It came to the step before, and not further.</summary>
    Lost,

    No,
}

/// <summary>A predicted step, and what was seen of it.</summary>
/// <param name="Micros">Microseconds since the first sighting; null: not seen.</param>
internal sealed record HopRow(Hop Hop, Seen Seen, double? Micros);
