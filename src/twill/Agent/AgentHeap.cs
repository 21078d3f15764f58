namespace Twill.Agent;

/// <summary>Gives memory back to the system when there is nothing to do.</summary>
/// <remarks>
/// The first list of nodes, an audit, a scrape leave garbage; after them hardly anything is allocated, so that a collection would never come
/// by itself. With 5,000 nodes one takes 15 ms, in which a change would wait; it is made when nothing has happened for
/// <see cref="AgentProgram.TickMs"/>.
/// </remarks>
internal sealed class AgentHeap
{
    /// <summary>Allocated since the last collection: less is not worth one. Bytes.</summary>
    internal const long WorthBytes = 4 << 20;

    private long _seen;

    /// <returns>Whether it was worth it.</returns>
    internal bool Rest()
    {
        if (GC.GetTotalAllocatedBytes() - _seen < WorthBytes) return false;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _seen = GC.GetTotalAllocatedBytes();
        return true;
    }
}
