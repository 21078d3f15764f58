namespace Twill.Kube;

/// <summary>What an informer tells whoever writes the log.</summary>
public enum InformerNoticeKind
{
    /// <summary>The first list is complete.</summary>
    Synced,

    /// <summary>No news from the server from here on; the store stays as it is.</summary>
    Away,

    /// <summary>The server is back.</summary>
    Back,

    /// <summary>A list was made anew; how many objects differ stands beside it.</summary>
    Relisted,

    /// <summary>An attempt while away failed in another way than the one before.</summary>
    StillAway,

    /// <summary>One object cannot be read; what was known of it stays.</summary>
    Skipped,
}

/// <summary>One notice.</summary>
/// <param name="Problem">Why; null where nothing is wrong.</param>
/// <param name="Objects">Synced: how many there are. Relisted: how many changed.</param>
/// <param name="After">Back: how long the server was away.</param>
public readonly record struct InformerNotice(InformerNoticeKind Kind, Exception? Problem = null, int Objects = 0, TimeSpan After = default);
