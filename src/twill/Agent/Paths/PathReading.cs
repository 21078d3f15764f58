namespace Twill.Agent.Paths;

/// <summary>What the last look at a way brought.</summary>
/// <param name="Seconds">There and back; null: no answer.</param>
internal sealed record PathReading(string Node, double? Seconds);
