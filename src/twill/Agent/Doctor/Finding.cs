namespace Twill.Agent.Doctor;

/// <summary>Something a check found.</summary>
/// <param name="Reason">What is wrong, on which object, with the values.</param>
/// <param name="Fix">What to type, or to do.</param>
internal sealed record Finding(string Reason, string Fix)
{
    /// <summary>Something may go wrong, but nothing has yet.</summary>
    internal bool IsWarning { get; init; }

    /// <summary>What --fix does; null: a person has to.</summary>
    internal Mending? Mending { get; init; }
}

/// <summary>A change that --fix can make, and take back.</summary>
internal abstract record Mending
{
    private Mending()
    {
    }

    /// <param name="Key">With slashes.</param>
    /// <param name="Old">For the undo file.</param>
    internal sealed record SetSysctl(string Key, string Value, string Old) : Mending;

    internal sealed record Move(string From, string To) : Mending;

    internal sealed record SetMode(string Path, UnixFileMode Mode, UnixFileMode Old) : Mending;

    internal sealed record WriteFile(string Path, string Content) : Mending;
}
