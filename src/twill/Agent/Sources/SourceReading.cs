namespace Twill.Agent.Sources;

/// <summary>What a source says now.</summary>
/// <param name="Items">Null until the first snapshot; afterwards never null again. What did not change is the same object as before.</param>
/// <param name="Revision">The source's own word for which version this is; empty before the first.</param>
/// <param name="Problem">Why it cannot be asked at the moment; null: it can.</param>
/// <param name="Since">A monotonic timestamp (<see cref="TimeProvider.GetTimestamp"/>): when the state of connection last changed.</param>
internal sealed record SourceReading<T>(IReadOnlyList<T>? Items, string Revision, string? Problem, long Since)
{
    internal static SourceReading<T> Nothing { get; } = new(null, "", "not asked yet", 0);
}
