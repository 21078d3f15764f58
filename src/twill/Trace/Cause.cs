namespace Twill.Trace;

internal enum CauseKind
{
    NoSuchAddress,
    NoAddress,
    NoRoute,
    BadRoute,
    WrongGateway,
    LinkDown,
    NoCable,
    BridgeDown,
    NotInBridge,
    PortBlocked,
    NoNeighbour,
    WrongNeighbour,
    NotForwarding,
    ReversePathFilter,
    NftDrop,
    TooBig,
    NotMasqueraded,
    Loop,

    /// <summary>It was lost, and nothing that was read explains it.</summary>
    Unexplained,
}

/// <summary>Why a packet does not arrive.</summary>
/// <param name="Namespace">Where.</param>
/// <param name="Sentence">One sentence, without its full stop: "node1 has no route to 10.244.2.0/24".</param>
internal sealed record Cause(CauseKind Kind, string Namespace, string Sentence)
{
    /// <summary>Who drops it answers in the place of the one it was for.</summary>
    internal bool Refuses { get; init; }

    /// <summary>Commands of an administrator that mend it; empty: none is known.</summary>
    internal IReadOnlyList<string> Fix { get; init; } = [];
}
