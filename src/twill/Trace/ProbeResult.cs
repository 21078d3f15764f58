using Twill.Linux.Sys;

namespace Twill.Trace;

/// <summary>What was seen of a packet that was sent.</summary>
/// <param name="Sightings">In the order of time.</param>
/// <param name="SendError">None, or why it did not even leave.</param>
internal sealed record ProbeResult(IReadOnlyList<Sighting> Sightings, Errno SendError)
{
    /// <summary>Rules that dropped it, as the kernel's own trace names them: "node1: inet filter forward, rule handle 4".</summary>
    internal IReadOnlyList<string> RuleDrops { get; init; } = [];

    /// <summary>The kernel's reasons for what it dropped meanwhile: "NETFILTER_DROP".</summary>
    internal IReadOnlyList<string> DropReasons { get; init; } = [];

    /// <summary>Why there are no drop reasons; null: there are, or nothing was dropped.</summary>
    internal string? NoDropReasons { get; init; }

    internal Sighting? At(HopPoint point, SightingKind kind) => Sightings.FirstOrDefault(s => s.Point == point && s.Kind == kind);
}
