using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>Writes policy routing messages into a batch.</summary>
/// <remarks>Source: include/uapi/linux/fib_rules.h.</remarks>
public static class RuleRequests
{
    /// <summary>Like: ip rule add from all fwmark 0x1/0xff lookup 100 pref 1000. EEXIST: the same rule is there (Linux 4.11).</summary>
    public static void Add(NetlinkBatch batch, in RuleSpec spec) => Write(batch, RtnetlinkUapi.RTM_NEWRULE, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL, spec);

    /// <summary>Removes the first rule that has all that the pattern says. Like: ip rule del pref 1000. ENOENT: none has.</summary>
    public static void Remove(NetlinkBatch batch, in RuleSpec pattern) => Write(batch, RtnetlinkUapi.RTM_DELRULE, 0, pattern);

    /// <summary>Like: ip rule show; ip -6 rule show.</summary>
    /// <param name="family">AF_INET, AF_INET6, or 0 for both.</param>
    public static void Dump(NetlinkBatch batch, byte family = 0)
    {
        batch.Begin(RtnetlinkUapi.RTM_GETRULE, NetlinkUapi.NLM_F_DUMP);
        batch.Header(new FibRuleHdr { family = family });
    }

    private static void Write(NetlinkBatch batch, ushort type, ushort flags, in RuleSpec spec)
    {
        uint table = spec.Table?.Value ?? 0;
        bool removal = type == RtnetlinkUapi.RTM_DELRULE;
        batch.Begin(type, (ushort)(flags | NetlinkUapi.NLM_F_ACK));
        batch.Header(new FibRuleHdr
        {
            family = spec.Family,
            dst_len = (byte)(spec.To?.Length ?? 0),
            src_len = (byte)(spec.From?.Length ?? 0),
            table = table <= byte.MaxValue ? (byte)table : (byte)0,
            action = (byte)(spec.Action ?? (removal && spec.Table is null ? RuleAction.Unspecified : RuleAction.Lookup)),
            flags = spec.Invert ? FibRulesUapi.FIB_RULE_INVERT : 0,
        });
        if (spec.Priority is { } priority) batch.U32(FibRulesUapi.FRA_PRIORITY, priority);
        if (spec.From is { Length: > 0 } from) batch.Ip(FibRulesUapi.FRA_SRC, from.Address);
        if (spec.To is { Length: > 0 } to) batch.Ip(FibRulesUapi.FRA_DST, to.Address);
        if (spec.Mark is { } mark) batch.U32(FibRulesUapi.FRA_FWMARK, mark);
        if (spec.MarkMask is { } mask) batch.U32(FibRulesUapi.FRA_FWMASK, mask);
        if (spec.InputDev is not null) batch.String(FibRulesUapi.FRA_IFNAME, spec.InputDev);
        if (spec.OutputDev is not null) batch.String(FibRulesUapi.FRA_OIFNAME, spec.OutputDev);
        if (table > byte.MaxValue) batch.U32(FibRulesUapi.FRA_TABLE, table);
        if (spec.SuppressPrefixLength is { } length) batch.I32(FibRulesUapi.FRA_SUPPRESS_PREFIXLEN, length);
        if (spec.Protocol is { } protocol) batch.U8(FibRulesUapi.FRA_PROTOCOL, protocol.Value);
    }
}
