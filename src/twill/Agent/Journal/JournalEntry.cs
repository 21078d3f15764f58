namespace Twill.Agent.Journal;

/// <summary>Something that happened to this node's network, for people and for `twill watch`.</summary>
/// <param name="Sequence">From 1, without gaps in one run of the agent.</param>
/// <param name="At">For reading only; nothing is decided by it.</param>
/// <param name="Kind">"change": we did what the source wants; "repair": somebody undid it and we put it back; "source", "refused", "flapping", "overrun", "start".</param>
/// <param name="Text">One sentence.</param>
/// <param name="By">Who, where the kernel tells; else null.</param>
/// <param name="Ms">How long it was gone, milliseconds; null where that has no meaning.</param>
internal sealed record JournalEntry(long Sequence, DateTimeOffset At, string Kind, string Text, string? By, double? Ms);
