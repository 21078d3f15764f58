using System.Text;

namespace Twill.Linux.Route;

/// <summary>Which packets are looked up in which routing table. Prints itself as `ip rule` takes it.</summary>
public readonly record struct RuleSpec
{
    /// <summary>Where no prefix says it.</summary>
    public bool IsV6 { get; init; }

    /// <summary>Lower is looked at first. Null: one below the lowest there is.</summary>
    public uint? Priority { get; init; }

    public IpPrefix? From { get; init; }

    public IpPrefix? To { get; init; }

    /// <summary>Firewall mark, compared under <see cref="MarkMask"/>.</summary>
    public uint? Mark { get; init; }

    /// <summary>Null: all bits.</summary>
    public uint? MarkMask { get; init; }

    public string? InputDev { get; init; }

    public string? OutputDev { get; init; }

    /// <summary>Packets that the mark and prefixes do NOT match.</summary>
    public bool Invert { get; init; }

    /// <summary>The table looked up. Null: the packet is refused as <see cref="Action"/> says, or, without an action, the kernel takes an unused table (IPv4).</summary>
    public RouteTable? Table { get; init; }

    /// <summary>Null: look up the table.</summary>
    public RuleAction? Action { get; init; }

    public RouteProtocol? Protocol { get; init; }

    /// <summary>Matches of prefixes this short or shorter count as none: 0 leaves the default route out.</summary>
    public int? SuppressPrefixLength { get; init; }

    internal byte Family => From?.Address.Family ?? To?.Address.Family ?? (IsV6 ? (byte)10 : (byte)2);

    public override string ToString()
    {
        var text = new StringBuilder();
        if (Invert) text.Append("not ");
        text.Append("from ").Append(From is { } from ? from.ToString() : "all");
        if (To is { } to) text.Append($" to {to}");
        if (Mark is { } mark) text.Append($" fwmark 0x{mark:x}");
        if (MarkMask is { } mask) text.Append($"/0x{mask:x}");
        if (InputDev is not null) text.Append($" iif {InputDev}");
        if (OutputDev is not null) text.Append($" oif {OutputDev}");
        if (Table is { } table) text.Append($" lookup {table}");
        if (Action is { } action && action != RuleAction.Lookup) text.Append(' ').Append(action.ToString().ToLowerInvariant());
        if (Priority is { } priority) text.Append($" pref {priority}");
        return text.ToString();
    }
}
