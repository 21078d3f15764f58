namespace Twill.Etcd.Watch;

/// <summary>What a watch tells next.</summary>
public abstract record WatchStep
{
    private WatchStep()
    {
    }

    /// <summary>All watched changes up to and with a revision, in their order; a revision is never torn apart.</summary>
    public sealed record Changes(long Revision, IReadOnlyList<WatchEvent> Events) : WatchStep;

    /// <summary>Nothing happened, and all up to this revision has been told.</summary>
    public sealed record Progress(long Revision) : WatchStep;

    /// <summary>The revisions to be told next are gone: list, and watch from the list's revision on. The watch has ended.</summary>
    /// <param name="Oldest">The oldest revision that can be watched.</param>
    public sealed record Compacted(long Oldest) : WatchStep;
}
