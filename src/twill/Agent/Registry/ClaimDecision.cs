using Twill.Linux.Route;

namespace Twill.Agent.Registry;

/// <summary>What to do about a claim; that it cannot be is an exception with the reason.</summary>
internal abstract record ClaimDecision(NodeRecord Record)
{
    /// <summary>The registry says so already: nothing is written.</summary>
    public sealed record Settled(NodeRecord Record) : ClaimDecision(Record);

    /// <summary>Write the record, with what comes and goes beside it.</summary>
    /// <param name="NewBlocks">Must belong to nobody.</param>
    /// <param name="NewAddresses">Must belong to nobody.</param>
    /// <param name="OldAddresses">Were this node's, and are not any more.</param>
    public sealed record Write(NodeRecord Record, IReadOnlyList<IpPrefix> NewBlocks, IReadOnlyList<IpAddress> NewAddresses, IReadOnlyList<IpAddress> OldAddresses) : ClaimDecision(Record);
}
