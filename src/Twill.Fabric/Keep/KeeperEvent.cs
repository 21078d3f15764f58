using System.Globalization;

namespace Twill.Fabric.Keep;

public enum KeeperEventKind
{
    /// <summary>The network follows a change of the cluster.</summary>
    Applied,

    /// <summary>Somebody changed what is ours; it is as it was.</summary>
    Repaired,

    /// <summary>Somebody changes it again and again: the next repair waits.</summary>
    Held,

    /// <summary>A node of the list is left out, or stays what it was.</summary>
    Refused,

    /// <summary>The kernel refused; tried again later.</summary>
    Failed,

    /// <summary>Notifications were lost; everything is looked at.</summary>
    Overrun,

    /// <summary>The interface to the other nodes was chosen, or another one.</summary>
    Underlay,
}

/// <summary>Something a keeper did or found. Prints itself as a line of the log.</summary>
/// <param name="Subject">The object: "route 10.244.2.0/24", a node's name.</param>
/// <param name="Text">What was done, or why not.</param>
public sealed record KeeperEvent(KeeperEventKind Kind, string Subject, string Text)
{
    /// <summary>Who changed it, where the kernel tells: a program's name.</summary>
    public string? By { get; init; }

    /// <summary>From the notification to the finished write, in milliseconds.</summary>
    public double Ms { get; init; }

    /// <summary>How often this object was repaired lately.</summary>
    public int Seen { get; init; }

    public override string ToString() => Kind switch
    {
        KeeperEventKind.Repaired => $"{Subject}: {By ?? "someone else"} changed it; {Text} in {Ms.ToString("0.0", CultureInfo.InvariantCulture)} ms{(Seen > 1 ? $" (seen {Seen} times)" : "")}",
        KeeperEventKind.Held => $"{Subject}: {By ?? "someone else"} changes it again and again (seen {Seen} times); {Text}",
        _ => $"{Subject}: {Text}",
    };
}
