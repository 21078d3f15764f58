using System.Collections.Immutable;
using Twill.Linux.Nft.Expressions;

namespace Twill.Linux.Nft;

/// <summary>A rule as the kernel has it, whoever made it.</summary>
/// <param name="Handle">Unique in its table; names the rule for replace, delete and insert.</param>
/// <param name="Position">Handle of the rule before it; 0 for the first.</param>
/// <param name="Comment">As nft shows it.</param>
/// <param name="Expressions">Those without a record of ours are <see cref="NftUnknown"/>.</param>
/// <param name="UserData">All of it, the comment's bytes included.</param>
public sealed record NftRuleInfo(NftChain Chain, ulong Handle, ulong Position, string? Comment, ImmutableArray<NftExpression> Expressions, NftBytes UserData)
{
    public bool Equals(NftRuleInfo? other)
        => other is not null && Chain == other.Chain && Handle == other.Handle && Comment == other.Comment && UserData == other.UserData && Expressions.AsSpan().SequenceEqual(other.Expressions.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Chain, Handle);

    public override string ToString() => $"{Chain} handle {Handle}: {string.Join("; ", Expressions)}";
}
