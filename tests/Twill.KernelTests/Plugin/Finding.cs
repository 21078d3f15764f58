namespace Twill.KernelTests.Plugin;

/// <summary>What a run of a campaign found wrong.</summary>
internal readonly record struct Finding(FindingKind Kind, string Text);

internal enum FindingKind
{
    /// <summary>Something is left, doubled or missing in the host.</summary>
    Leak,

    /// <summary>A DEL or GC failed.</summary>
    Del,

    /// <summary>An ADD failed that had to succeed, or what it made does not work.</summary>
    Add,

    /// <summary>The harness or the plugin did not do what the run is about.</summary>
    Run,
}
