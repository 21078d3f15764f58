using System.Globalization;
using Twill.Linux.Nft;
using Twill.Linux.Nft.Expressions;

namespace Twill.Agent.Install;

/// <summary>All nftables of a namespace as lines that can be compared by content: tables, chains, each rule at its place, sets and what is in them.</summary>
/// <remarks>
/// Left out is what packets change: counters, quotas, elements of sets that forget or that rules fill; and handles, which are new
/// whenever the same file is loaded again.
/// </remarks>
internal static class NftDump
{
    /// <summary>Expressions without a record of ours whose bytes hold a count.</summary>
    private static readonly string[] s_counting = ["quota", "last", "connlimit"];

    internal static List<string> Read(NftSocket nft)
    {
        List<string> lines =
        [
            .. nft.Tables().Select(t => $"{NftText.Line(t)}{(t.Flags == NftTableFlags.None ? "" : $" flags {t.Flags}")}"),
            .. nft.Chains().Select(NftText.Line),
        ];
        foreach (IGrouping<NftChain, NftRuleInfo> chain in nft.Rules().GroupBy(r => r.Chain))
        {
            int place = 0;
            foreach (NftRuleInfo rule in chain) lines.Add(string.Create(CultureInfo.InvariantCulture, $"nft rule {chain.Key} {++place}: {string.Join("; ", rule.Expressions.Select(Text))}{(rule.Comment is null ? "" : $" comment \"{rule.Comment}\"")}"));
        }

        foreach (NftSet set in nft.AllSets(table: null))
        {
            lines.Add(NftText.Line(set));
            if (set.Dynamic || set.Timeout || set.TimeoutMs != 0) continue;
            lines.AddRange(nft.Elements(set).Select(e => NftText.Line(set, e with { Counted = null })));
        }

        return [.. lines.Select(l => l.ReplaceLineEndings(" "))];
    }

    private static string Text(NftExpression expression) => expression switch
    {
        NftCounter => "counter",
        NftUnknown unknown when s_counting.Contains(unknown.RawName) => unknown.RawName,
        NftUnknown unknown => $"{unknown.RawName} {Convert.ToHexStringLower(unknown.Data.Span)}",
        _ => expression.ToString(),
    };
}
