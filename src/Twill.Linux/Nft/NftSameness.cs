using Twill.Linux.Nft.Expressions;

namespace Twill.Linux.Nft;

/// <summary>Compares what we would write with what the kernel dumps, which adds counts, defaults and names of anonymous sets.</summary>
internal static class NftSameness
{
    internal static bool Same(IReadOnlyList<NftExpression> ours, ReadOnlySpan<NftExpression> kernel)
    {
        int at = 0;
        foreach (NftExpression there in kernel)
        {
            if (at < ours.Count && Same(ours[at], there)) at++;
            else if (!IsIdle(there)) return false;
        }

        return at == ours.Count;
    }

    // nft writes the swap of a single byte as words of two, of which there is none. Seen: nft 1.0.6, "meta l4proto" in a key with ranges.
    private static bool IsIdle(NftExpression expression) => expression is NftByteorder swap && swap.Length < swap.Size;

    private static bool Same(NftExpression ours, NftExpression kernel) => (ours, kernel) switch
    {
        (NftCounter, NftCounter) => true,
        (NftLookup a, NftLookup b) when Anonymous(a.Set) && Anonymous(b.Set) => a with { Set = "", SetId = 0 } == b with { Set = "", SetId = 0 },
        (NftLookup a, NftLookup b) => a with { SetId = 0 } == b with { SetId = 0 },
        (NftDynset a, NftDynset b) => a with { SetId = 0, Expression = null } == b with { SetId = 0, Expression = null },
        // The kernel draws a seed where we gave none.
        (NftHash { Seed: null } a, NftHash b) => a == b with { Seed = null },
        _ => ours == kernel,
    };

    // The kernel puts a number for the %d.
    private static bool Anonymous(string set) => set.StartsWith("__set", StringComparison.Ordinal) || set.StartsWith("__map", StringComparison.Ordinal);
}
