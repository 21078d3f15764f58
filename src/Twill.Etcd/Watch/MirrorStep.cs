namespace Twill.Etcd.Watch;

/// <summary>What a <see cref="PrefixMirror"/> tells next: once a snapshot, from then on differences only.</summary>
public abstract record MirrorStep
{
    private MirrorStep()
    {
    }

    /// <summary>All there was at a revision. Comes once, as the first word about keys.</summary>
    public sealed record Snapshot(long Revision, IReadOnlyList<KeyValue> Entries) : MirrorStep;

    /// <summary>What is different since the step before, up to and with a revision; after a gap the differences, never all again.</summary>
    /// <param name="Gone">Names of keys that are there no more.</param>
    public sealed record Changes(long Revision, IReadOnlyList<KeyValue> Changed, IReadOnlyList<string> Gone) : MirrorStep;

    /// <summary>etcd cannot be followed for now. What was told stays; told once for each time away.</summary>
    public sealed record Away(EtcdException Why) : MirrorStep;

    /// <summary>It can be again. What changed meanwhile follows.</summary>
    public sealed record Back(long Revision) : MirrorStep;
}
