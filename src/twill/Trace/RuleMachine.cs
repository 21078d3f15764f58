using Twill.Lab.State;
using Twill.Linux.Nft;
using Twill.Linux.Nft.Expressions;
using Twill.Linux.Route;
using Twill.Linux.Uapi;

namespace Twill.Trace;

/// <summary>Runs a namespace's nftables rules over a packet that is not sent, as the kernel would.</summary>
/// <remarks>
/// A rule with an expression that is not understood is taken for not matching, and named. Limits are taken for not reached.
/// Source: nft_do_chain in net/netfilter/nf_tables_core.c; hook priorities in include/uapi/linux/netfilter_ipv4.h.
/// </remarks>
internal sealed partial class RuleMachine(NamespaceState space, string? inputDevice, string? outputDevice, Func<IpAddress, string> typeOf)
{
    /// <summary>Before this priority nobody has looked at the connection yet: NF_IP_PRI_CONNTRACK.</summary>
    private const int ConntrackPriority = -200;

    /// <summary>NFT_JUMP_STACK_SIZE.</summary>
    private const int MaxDepth = 16;

    private readonly RuleRegisters _registers = new();
    private readonly List<string> _unknown = [];
    private Packet _packet = null!;
    private byte[] _network = [], _transport = [];
    private bool _tracked;
    private uint _class;
    private string? _translation;
    private (NftChain Chain, NftRuleInfo? Rule)? _decidedBy;
    private bool _rejected;

    /// <summary>What the connection's first packet asked for, before anything here changed it; null: an answer, of which that is not known.</summary>
    internal Packet? Original { get; init; }

    /// <summary>Which one is taken where a rule chooses among several, by random or by a hash.</summary>
    internal int Choice { get; init; }

    /// <summary>Most that a rule chose among; 0: none did.</summary>
    internal int Choices { get; private set; }

    private enum Outcome
    {
        /// <summary>The end of the chain.</summary>
        Fell,
        Accepted,
        Dropped,
    }

    /// <param name="undo">The translation back that the connection's first packet asks for, done where translation has its turn.</param>
    internal RuleResult Run(NftHookPoint point, Packet packet, Func<Packet, Packet> undo)
    {
        Load(packet);
        bool sourceSide = point is NftHookPoint.Postrouting or NftHookPoint.Input;
        int natPriority = sourceSide ? NftPriority.Srcnat : NftPriority.Dstnat;
        NftFamily family = packet.IsV6 ? NftFamily.Ip6 : NftFamily.Ip;
        NftChain[] chains = [.. space.Chains.Where(c => c.Hook is { } h && h.Point == point && (c.Table.Family == NftFamily.Inet || c.Table.Family == family) && !c.Table.Flags.HasFlag(NftTableFlags.Dormant))];
        NftChain[] nat = [.. chains.Where(c => c.Hook!.Type == "nat").OrderBy(c => c.Hook!.Priority)];
        bool natDone = false;
        foreach (NftChain chain in chains.Where(c => c.Hook!.Type != "nat").OrderBy(c => c.Hook!.Priority))
        {
            if (!natDone && chain.Hook!.Priority > natPriority)
            {
                natDone = true;
                if (Nat(nat, undo) is { } refused) return refused;
            }

            _tracked = chain.Hook!.Priority > ConntrackPriority;
            if (Base(chain) is { } dropped) return dropped;
        }

        if (!natDone && Nat(nat, undo) is { } stopped) return stopped;
        return Result(dropped: false);
    }

    /// <summary>Only a connection's first packet sees the chains; the others are treated like it.</summary>
    private RuleResult? Nat(NftChain[] chains, Func<Packet, Packet> undo)
    {
        _tracked = true;
        if (_packet.IsReply)
        {
            Load(undo(_packet));
            return null;
        }

        foreach (NftChain chain in chains)
        {
            if (Base(chain) is { } dropped) return dropped;
            if (_translation is not null) return null;
        }

        return null;
    }

    private RuleResult? Base(NftChain chain)
    {
        Outcome outcome = Walk(chain, 0);
        if (outcome == Outcome.Fell && chain.Policy is { Code: NfnetlinkUapi.NF_DROP })
        {
            _decidedBy = (chain, null);
            outcome = Outcome.Dropped;
        }

        return outcome == Outcome.Dropped ? Result(dropped: true) : null;
    }

    private RuleResult Result(bool dropped) => new(_packet)
    {
        Dropped = dropped,
        Rejected = _rejected,
        Chain = _decidedBy?.Chain,
        Rule = _decidedBy?.Rule,
        Translation = _translation,
        Unknown = [.. _unknown],
    };

    private void Load(Packet packet)
    {
        _packet = packet;
        _network = packet.NetworkHeader();
        _transport = packet.Transport();
    }

    private Outcome Walk(NftChain chain, int depth)
    {
        if (depth > MaxDepth) return Outcome.Dropped;
        foreach (NftRuleInfo rule in space.Rules)
        {
            if (rule.Chain.Name != chain.Name || rule.Chain.Table.Name != chain.Table.Name || rule.Chain.Table.Family != chain.Table.Family) continue;
            NftVerdict? verdict = Evaluate(rule);
            switch (verdict?.Code)
            {
                case null or NfTablesUapi.NFT_CONTINUE or NfTablesUapi.NFT_BREAK:
                    break;
                case NfnetlinkUapi.NF_ACCEPT:
                    return Outcome.Accepted;
                case NfTablesUapi.NFT_RETURN:
                    return Outcome.Fell;
                case NfTablesUapi.NFT_JUMP or NfTablesUapi.NFT_GOTO:
                    Outcome inside = Walk(chain with { Name = verdict.Value.Chain!, Hook = null, Policy = null }, depth + 1);
                    if (inside != Outcome.Fell || verdict.Value.Code == NfTablesUapi.NFT_GOTO) return inside;
                    break;
                default: // drop; stolen and queue do not go on either
                    _decidedBy = (chain, rule);
                    return Outcome.Dropped;
            }
        }

        return Outcome.Fell;
    }

    /// <summary>Null: an expression did not match, or all matched and none decided.</summary>
    private NftVerdict? Evaluate(NftRuleInfo rule)
    {
        foreach (NftExpression expression in rule.Expressions)
        {
            switch (Step(expression, rule))
            {
                case StepOutcome.Next:
                    break;
                case StepOutcome.NoMatch:
                    return null;
                case StepOutcome.Unknown:
                    _unknown.Add($"{rule.Chain} handle {rule.Handle}: \"{expression.Name}\"");
                    return null;
                case StepOutcome.Accept:
                    return NftVerdict.Accept;
                case StepOutcome.Drop:
                    return NftVerdict.Drop;
                case StepOutcome.Verdict:
                    return _verdict;
                default:
                    throw new InvalidOperationException($"no such outcome of {expression}");
            }
        }

        return null;
    }

    private enum StepOutcome
    {
        Next,
        NoMatch,
        Unknown,
        Accept,
        Drop,
        Verdict,
    }
}
