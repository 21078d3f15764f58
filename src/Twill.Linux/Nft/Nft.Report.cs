using Twill.Linux.Nft.Expressions;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft;

/// <summary>Level of a line in the kernel's log.</summary>
public enum NftLogLevel : uint
{
    Emerg = NFT_LOGLEVEL_EMERG,
    Alert = NFT_LOGLEVEL_ALERT,
    Crit = NFT_LOGLEVEL_CRIT,
    Err = NFT_LOGLEVEL_ERR,
    Warn = NFT_LOGLEVEL_WARNING,
    Notice = NFT_LOGLEVEL_NOTICE,
    Info = NFT_LOGLEVEL_INFO,
    Debug = NFT_LOGLEVEL_DEBUG,
}

/// <summary>Seconds of a rate's unit.</summary>
public enum NftRateUnit
{
    Second = 1,
    Minute = 60,
    Hour = 3600,
    Day = 86400,
    Week = 604800,
}

public static partial class Nft
{
    private const uint DefaultBurst = 5;

    /// <summary>To the kernel's log. Like: log prefix "dropped: " level info.</summary>
    /// <remarks>Only the initial network namespace's lines are written, unless net.netfilter.nf_log_all_netns is set.</remarks>
    public static NftStatement Log(string? prefix = null, NftLogLevel level = NftLogLevel.Warn)
        => new($"log{Prefix(prefix)}{(level == NftLogLevel.Warn ? "" : $" level {level.ToString().ToLowerInvariant()}")}", c => c.Add(new NftLog(prefix, (uint)level)));

    /// <summary>To a listener on nfnetlink_log. Like: log prefix "dropped: " group 3.</summary>
    public static NftStatement LogTo(ushort group, string? prefix = null) => new($"log{Prefix(prefix)} group {group}", c => c.Add(new NftLog(prefix, null, 0, group)));

    /// <summary>Goes on at most so often. Like: limit rate 10/second.</summary>
    public static NftStatement Limit(ulong packets, NftRateUnit unit = NftRateUnit.Second, uint burst = DefaultBurst) => Rate("", packets, unit, burst, 0);

    /// <summary>Goes on only above the rate. Like: limit rate over 10/second.</summary>
    public static NftStatement LimitOver(ulong packets, NftRateUnit unit = NftRateUnit.Second, uint burst = DefaultBurst) => Rate("over ", packets, unit, burst, NFT_LIMIT_F_INV);

    /// <summary>Refuses with ICMP port unreachable, of the packet's own family; in inet, bridge and netdev.</summary>
    public static NftStatement Reject { get; } = new("reject", static c => c.Add(c.Family switch
    {
        NftFamily.Ip => new NftReject(NFT_REJECT_ICMP_UNREACH, 3),
        NftFamily.Ip6 => new NftReject(NFT_REJECT_ICMP_UNREACH, 4),
        _ => new NftReject(NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_PORT_UNREACH),
    }));

    /// <summary>Like: reject with icmpx admin-prohibited.</summary>
    public static NftStatement RejectAdminProhibited { get; } = new("reject with icmpx admin-prohibited", static c => c.Add(new NftReject(NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_ADMIN_PROHIBITED)));

    /// <summary>Like: reject with icmpx no-route.</summary>
    public static NftStatement RejectNoRoute { get; } = new("reject with icmpx no-route", static c => c.Add(new NftReject(NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_NO_ROUTE)));

    /// <summary>Like: reject with tcp reset. Only TCP comes here then.</summary>
    public static NftStatement RejectTcpReset { get; } = new("reject with tcp reset", static c =>
    {
        c.NeedTransport(TcpProtocol);
        c.Add(new NftReject(NFT_REJECT_TCP_RST, 0));
    });

    private static NftStatement Rate(string words, ulong packets, NftRateUnit unit, uint burst, uint flags)
        => new($"limit rate {words}{packets}/{unit.ToString().ToLowerInvariant()}{(burst == DefaultBurst ? "" : $" burst {burst} packets")}", c => c.Add(new NftLimit(packets, (ulong)unit, burst, NFT_LIMIT_PKTS, flags)));

    private static string Prefix(string? prefix) => prefix is null ? "" : $" prefix \"{prefix}\"";
}
