using System.Collections.Immutable;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netns;
using Twill.Linux.Nft;

namespace Twill.Fabric.Apply;

/// <summary>Masquerading of what leaves a network: one rule for each of its subnets, in a table of our own.</summary>
/// <remarks>
/// Nothing per pod, so nothing per pod can be left over; an ADD finds its rule and writes nothing. Read, then write with the
/// generation that was read: two ADDs that race cannot make a rule twice. The table goes with its last rule.
/// </remarks>
internal static class Masquerade
{
    /// <param name="network">The network that leaves.</param>
    /// <param name="addresses">Of the subnets that are to be masqueraded.</param>
    /// <param name="node">Where; null: the calling thread's namespace.</param>
    /// <param name="only">The network's rules for other subnets go.</param>
    internal static void Ensure(NetworkSettings network, IReadOnlyList<PodAddress> addresses, NetworkNamespace? node = null, bool only = false)
    {
        using NftSocket nft = NftSocket.Open(node);
        if (!only && InSync(nft.RuleComments(MasqueradePlan.Postrouting), MasqueradePlan.CommentsFor(network, addresses))) return;
        IReadOnlyList<NftRule> wanted = MasqueradePlan.RulesFor(network, addresses);
        TableChange.Run(nft, MasqueradePlan.Table, transaction =>
        {
            var present = nft.Rules(MasqueradePlan.Postrouting);
            bool made = false;
            foreach (NftRule rule in wanted)
            {
                bool there = false;
                foreach (NftRuleInfo info in present)
                {
                    if (info.Comment == rule.Comment) there = true;
                    else if (info.Comment is { } comment && MasqueradePlan.IsSameSubnet(comment, rule.Comment!)) transaction.DeleteRule(info);
                }

                if (there) continue;
                if (!made) transaction.EnsureTable(MasqueradePlan.Table).EnsureChain(MasqueradePlan.Postrouting);
                made = true;
                transaction.AddRule(rule);
            }

            foreach (NftRuleInfo info in only ? present : [])
            {
                if (info.Comment is { } comment && MasqueradePlan.IsOf(comment, network.Name) && !wanted.Any(r => MasqueradePlan.IsSameSubnet(comment, r.Comment!))) transaction.DeleteRule(info);
            }

            return transaction.Count > 0;
        });
    }

    /// <summary>Each wanted rule is there, and no older one of its subnet.</summary>
    private static bool InSync(ImmutableArray<string?> present, IReadOnlyList<string> wanted)
    {
        foreach (string comment in wanted)
        {
            bool there = false;
            foreach (string? other in present)
            {
                if (other == comment) there = true;
                else if (other is not null && MasqueradePlan.IsSameSubnet(other, comment)) return false;
            }

            if (!there) return false;
        }

        return true;
    }

    internal static bool IsThere(NetworkSettings network, IReadOnlyList<PodAddress> addresses)
    {
        using NftSocket nft = NftSocket.Open();
        var present = nft.Rules(MasqueradePlan.Postrouting);
        foreach (NftRule rule in MasqueradePlan.RulesFor(network, addresses))
        {
            bool there = false;
            foreach (NftRuleInfo info in present) there |= rule.Matches(info);
            if (!there) return false;
        }

        return true;
    }

    /// <summary>Takes a network's rules away, and the table with the last of them. Fine if absent.</summary>
    internal static void Remove(string network)
    {
        using NftSocket nft = NftSocket.Open();
        TableChange.Run(nft, MasqueradePlan.Table, transaction =>
        {
            int ours = 0, others = 0;
            foreach (NftRuleInfo info in nft.Rules(MasqueradePlan.Postrouting))
            {
                if (info.Comment is not { } comment || !MasqueradePlan.IsOf(comment, network))
                {
                    others++;
                    continue;
                }

                ours++;
                transaction.DeleteRule(info);
            }

            if (ours > 0 && others == 0) transaction.DeleteTable(MasqueradePlan.Table);
            return ours > 0;
        });
    }
}
