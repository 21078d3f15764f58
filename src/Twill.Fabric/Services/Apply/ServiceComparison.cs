using System.Collections.Immutable;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;
using Twill.Linux.Nft;

namespace Twill.Fabric.Services.Apply;

/// <summary>What a writer would write to a node whose ruleset somebody else has read: pure.</summary>
/// <param name="Plan">What the table shall hold, in the order of endpoints that it has.</param>
/// <param name="Difference">Null: the table is not there, or not as we make it, and is made anew.</param>
public sealed record ServiceComparison(ServicePlan Plan, ServiceDifference? Difference)
{
    public bool IsEmpty => Difference is { IsEmpty: true };

    /// <param name="snapshot">What shall be.</param>
    /// <param name="chains">Of the node; those of other tables are skipped, as with the following.</param>
    /// <param name="rules">In their order.</param>
    /// <param name="elements">Of the node's sets.</param>
    public static ServiceComparison Of(ServiceSnapshot snapshot, IEnumerable<NftChain> chains, IEnumerable<NftRuleInfo> rules, IEnumerable<(NftSet Set, IReadOnlyList<NftElement> Elements)> elements)
    {
        NftChain[] present = [.. chains.Where(c => c.Table.Name == ServiceTable.Table.Name && c.Table.Family == ServiceTable.Table.Family)];
        Dictionary<string, NftSet> sets = ServiceTable.OurSets.ToDictionary(s => s.Name, StringComparer.Ordinal);
        var content = new List<ServiceElement>();
        int known = 0;
        foreach ((NftSet set, IReadOnlyList<NftElement> list) in elements)
        {
            if (set.Table.Name != ServiceTable.Table.Name || !sets.TryGetValue(set.Name, out NftSet? ours)) continue;
            known++;
            foreach (NftElement element in list) content.Add(new ServiceElement(ours, element));
        }

        var names = new HashSet<string>();
        if (known < sets.Count || !Whole(present, [.. rules.Where(r => r.Chain.Table.Name == ServiceTable.Table.Name && r.Chain.Table.Family == ServiceTable.Table.Family)], names)) return new ServiceComparison(ServiceCompiler.Compile(snapshot), null);
        ServicePlan plan = ServiceCompiler.Compile(snapshot, ServiceState.ArrangementOf(content));
        return new ServiceComparison(plan, ServiceDifference.From(content, names, plan));
    }

    private static bool Whole(NftChain[] chains, NftRuleInfo[] rules, HashSet<string> names)
    {
        var wanted = new List<NftRule>(ServiceTable.Rules);
        foreach (NftChain chain in chains)
        {
            if (ServiceTable.Chains.Any(c => c.Name == chain.Name && c.Hook == chain.Hook)) continue;
            if (!SpreadChain.TryParse(chain.Name, out SpreadChain spread)) return false;
            names.Add(chain.Name);
            wanted.AddRange(spread.Rules());
        }

        if (chains.Length - names.Count != ServiceTable.Chains.Count || wanted.Count != rules.Length) return false;
        foreach (IGrouping<string, NftRule> chain in wanted.GroupBy(r => r.Chain.Name))
        {
            NftRuleInfo[] there = [.. rules.Where(r => r.Chain.Name == chain.Key)];
            ImmutableArray<NftRule> these = [.. chain];
            if (there.Length != these.Length || !these.Zip(there).All(p => p.First.Matches(p.Second))) return false;
        }

        return true;
    }

    /// <summary>As a script for nft -f: what the table is made of, or what leads from what it holds to what it shall hold.</summary>
    public string ToScript()
    {
        if (Difference is not { } difference) return $"add table {ServiceTable.Table}\ndelete table {ServiceTable.Table}\n{Plan}";
        var lines = new List<string>();
        foreach (SpreadChain chain in difference.NewChains)
        {
            lines.Add(NftText.Line(chain.Chain));
            lines.AddRange(chain.Rules().Select(NftText.Line));
        }

        foreach (NftSet set in ServiceTable.OurSets) lines.AddRange(difference.Removed(set).Select(e => $"delete element {set} {{ {new NftElement(e.Key) { Last = e.Last }.ToText(set)} }}"));
        foreach (NftSet set in ServiceTable.OurSets) lines.AddRange(difference.Added(set).Select(e => NftText.Line(set, e)));
        foreach (string chain in difference.OldChains)
        {
            lines.Add($"flush chain {ServiceTable.Table} {chain}");
            lines.Add($"delete chain {ServiceTable.Table} {chain}");
        }

        return string.Concat(lines.Select(l => $"{l}\n"));
    }
}
