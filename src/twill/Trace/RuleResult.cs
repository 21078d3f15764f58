using Twill.Linux.Nft;

namespace Twill.Trace;

/// <summary>What a namespace's rules do to a packet at one hook.</summary>
/// <param name="Packet">As it goes on.</param>
internal sealed record RuleResult(Packet Packet)
{
    internal bool Dropped { get; init; }

    /// <summary>Refused with a message to the sender.</summary>
    internal bool Rejected { get; init; }

    /// <summary>The chain whose rule or policy decided; null: nobody said anything.</summary>
    internal NftChain? Chain { get; init; }

    /// <summary>The rule that dropped or translated; null: the chain's policy.</summary>
    internal NftRuleInfo? Rule { get; init; }

    /// <summary>masquerade, snat, dnat, redirect, with the address; null: none.</summary>
    internal string? Translation { get; init; }

    /// <summary>Rules of which an expression is not understood, so that they were taken for not matching.</summary>
    internal IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>"inet filter forward, rule handle 4 "no web"".</summary>
    internal string By => Chain is null ? "no chain" : Rule is null ? $"{Chain}, policy" : $"{Chain}, rule handle {Rule.Handle}{(Rule.Comment is { } comment ? $" \"{comment}\"" : "")}";
}
