using System.Text;
using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>A policy routing rule as the kernel told it, read without allocating. Valid as long as the message.</summary>
/// <remarks>Source: RTM_NEWRULE, include/uapi/linux/fib_rules.h.</remarks>
public readonly ref struct RuleView
{
    /// <exception cref="NetlinkProtocolException">Lengths that contradict each other.</exception>
    public RuleView(in NetlinkMessage message)
    {
        FibRuleHdr header = message.Header<FibRuleHdr>();
        Family = header.family;
        Action = (RuleAction)header.action;
        Invert = (header.flags & FibRulesUapi.FIB_RULE_INVERT) != 0;
        SuppressPrefixLength = -1;
        uint table = header.table;
        AttributeReader attributes = message.Attributes<FibRuleHdr>();
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case FibRulesUapi.FRA_PRIORITY: Priority = attributes.U32(); break;
                case FibRulesUapi.FRA_SRC: From = RouteAttributes.Prefix(attributes.Ip(), header.src_len); break;
                case FibRulesUapi.FRA_DST: To = RouteAttributes.Prefix(attributes.Ip(), header.dst_len); break;
                case FibRulesUapi.FRA_FWMARK: Mark = attributes.U32(); break;
                case FibRulesUapi.FRA_FWMASK: MarkMask = attributes.U32(); break;
                case FibRulesUapi.FRA_IFNAME: InputDev = attributes.StringBytes(); break;
                case FibRulesUapi.FRA_OIFNAME: OutputDev = attributes.StringBytes(); break;
                case FibRulesUapi.FRA_TABLE: table = attributes.U32(); break;
                case FibRulesUapi.FRA_SUPPRESS_PREFIXLEN: SuppressPrefixLength = attributes.I32(); break;
                case FibRulesUapi.FRA_PROTOCOL: Protocol = new RouteProtocol(attributes.U8()); break;
                default: break;
            }
        }

        Table = new RouteTable(table);
    }

    public byte Family { get; }

    public uint Priority { get; }

    public IpPrefix? From { get; }

    public IpPrefix? To { get; }

    public uint Mark { get; }

    /// <summary>0: the mark is not looked at.</summary>
    public uint MarkMask { get; }

    public ReadOnlySpan<byte> InputDev { get; }

    public ReadOnlySpan<byte> OutputDev { get; }

    public bool Invert { get; }

    public RuleAction Action { get; }

    public RouteTable Table { get; }

    public RouteProtocol Protocol { get; }

    /// <summary>-1: none.</summary>
    public int SuppressPrefixLength { get; }

    /// <summary>A copy that outlives the message; would add the rule again, or remove exactly it.</summary>
    public RuleSpec ToSpec() => new()
    {
        IsV6 = Family == 10,
        Priority = Priority,
        From = From,
        To = To,
        Mark = MarkMask == 0 ? null : Mark,
        MarkMask = MarkMask is 0 or uint.MaxValue ? null : MarkMask,
        InputDev = Text(InputDev),
        OutputDev = Text(OutputDev),
        Invert = Invert,
        Action = Action,
        Table = Table.Value == 0 ? null : Table,
        Protocol = Protocol.Value == 0 ? null : Protocol,
        SuppressPrefixLength = SuppressPrefixLength < 0 ? null : SuppressPrefixLength,
    };

    private static string? Text(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? null : Encoding.UTF8.GetString(utf8);
}
