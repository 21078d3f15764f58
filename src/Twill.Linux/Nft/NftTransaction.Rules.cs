using Twill.Linux.Nft.Expressions;
using Twill.Linux.Uapi;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft;

public sealed partial class NftTransaction
{
    /// <summary>At the chain's end. A rule has no name: adding it twice makes two.</summary>
    public NftTransaction AddRule(NftRule rule) => NewRule("add rule to chain", rule, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_APPEND, 0, 0);

    /// <summary>Behind the rule with this handle.</summary>
    public NftTransaction AddRuleAfter(NftRule rule, ulong handle) => NewRule("add rule to chain", rule, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_APPEND, 0, handle);

    /// <summary>At the chain's beginning.</summary>
    public NftTransaction InsertRule(NftRule rule) => NewRule("insert rule into chain", rule, NetlinkUapi.NLM_F_CREATE, 0, 0);

    /// <summary>Before the rule with this handle.</summary>
    public NftTransaction InsertRuleBefore(NftRule rule, ulong handle) => NewRule("insert rule into chain", rule, NetlinkUapi.NLM_F_CREATE, 0, handle);

    /// <summary>In the place of the rule with this handle.</summary>
    public NftTransaction ReplaceRule(NftRule rule, ulong handle) => NewRule("replace rule in chain", rule, NetlinkUapi.NLM_F_REPLACE, handle, 0);

    public NftTransaction DeleteRule(NftRuleInfo rule) => DeleteRule(rule.Chain, rule.Handle);

    public NftTransaction DeleteRule(NftChain chain, ulong handle)
    {
        Begin(NFT_MSG_DELRULE, chain.Table.Family, 0, "delete rule from chain", new RuleName(chain, handle));
        _batch.String(NFTA_RULE_TABLE, chain.Table.Name);
        _batch.String(NFTA_RULE_CHAIN, chain.Name);
        _batch.U64Be(NFTA_RULE_HANDLE, handle);
        return this;
    }

    private sealed record RuleName(NftChain Chain, ulong Handle)
    {
        public override string ToString() => $"{Chain} handle {Handle}";
    }

    private sealed record RuleText(NftRule Rule)
    {
        public override string ToString() => $"{Rule.Chain} \"{Rule}\"";
    }

    private NftTransaction NewRule(string what, NftRule rule, ushort flags, ulong handle, ulong position)
    {
        NftCompiler compiled = NftCompiler.Compile(rule, _nextSetId);
        var about = new RuleText(rule);
        foreach ((NftSet set, uint id, NftElement[] elements) in compiled.Sets)
        {
            NewSet("add anonymous set for rule of chain", about, set, NetlinkUapi.NLM_F_CREATE, id);
            Elements(NFT_MSG_NEWSETELEM, NetlinkUapi.NLM_F_CREATE, "add anonymous set for rule of chain", about, set, id, elements);
        }

        _nextSetId += (uint)compiled.Sets.Count;
        Begin(NFT_MSG_NEWRULE, rule.Chain.Table.Family, flags, what, about);
        _batch.String(NFTA_RULE_TABLE, rule.Chain.Table.Name);
        _batch.String(NFTA_RULE_CHAIN, rule.Chain.Name);
        if (handle != 0) _batch.U64Be(NFTA_RULE_HANDLE, handle);
        if (position != 0) _batch.U64Be(NFTA_RULE_POSITION, position);
        int nest = _batch.BeginNest(NFTA_RULE_EXPRESSIONS);
        foreach (NftExpression expression in compiled.Expressions) expression.Write(_batch, NFTA_LIST_ELEM);
        _batch.EndNest(nest);
        Comment(NFTA_RULE_USERDATA, rule.Comment);
        return this;
    }
}
