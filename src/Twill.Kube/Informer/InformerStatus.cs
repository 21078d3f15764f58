namespace Twill.Kube;

/// <summary>How an informer is.</summary>
/// <param name="IsSynced">The store was complete once; from then on it is never empty by accident.</param>
/// <param name="AwayFor">How long there have been no news from the server; null while a watch is open.</param>
/// <param name="Problem">Why, if it is away.</param>
/// <param name="Objects">In the store.</param>
/// <param name="Version">The newest resource version seen.</param>
/// <param name="Lists">Complete ones so far.</param>
/// <param name="Watches">Opened so far.</param>
/// <param name="Events">Objects that came by watches so far.</param>
/// <param name="Skipped">Objects that could not be read so far.</param>
public sealed record InformerStatus(bool IsSynced, TimeSpan? AwayFor, Exception? Problem, int Objects, ulong Version, long Lists, long Watches, long Events, long Skipped);
