using System.Collections.Immutable;
using Twill.Linux.Nft.Expressions;

namespace Twill.Linux.Nft;

/// <summary>A rule as we want it: statements that read, and print, like the nft line they stand for.</summary>
/// <remarks>Like: nft add rule inet twill postrouting ip saddr 10.244.1.0/24 ip daddr != 10.244.0.0/16 masquerade fully-random comment "twill".</remarks>
public sealed record NftRule(NftChain Chain)
{
    public NftRule(NftChain chain, params ReadOnlySpan<NftStatement> statements)
        : this(chain)
        => Statements = [.. statements];

    public ImmutableArray<NftStatement> Statements { get; init; } = [];

    /// <summary>At most 127 bytes.</summary>
    public string? Comment { get; init; }

    /// <summary>The line behind "nft add rule FAMILY TABLE CHAIN".</summary>
    public override string ToString()
    {
        string text = string.Join(' ', Statements.Select(s => s.Text));
        return Comment is null ? text : $"{text} comment \"{Comment}\"";
    }

    public bool Equals(NftRule? other)
        => other is not null && Chain == other.Chain && Comment == other.Comment && Statements.AsSpan().SequenceEqual(other.Statements.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Chain, Comment, Statements.Length);

    /// <summary>What the kernel gets. An anonymous set has the name "__set%d" or "__map%d" here.</summary>
    public ImmutableArray<NftExpression> Compile() => [.. NftCompiler.Compile(this).Expressions];

    /// <summary>Whether the kernel's rule is this one: same comment and same expressions, whatever its counters and limits have counted.</summary>
    /// <remarks>Anonymous sets are the same when both are anonymous; their elements are not looked at. Where they may change, put a digest into the comment.</remarks>
    public bool Matches(NftRuleInfo kernel) => Comment == kernel.Comment && NftSameness.Same(NftCompiler.Compile(this).Expressions, kernel.Expressions.AsSpan());
}
