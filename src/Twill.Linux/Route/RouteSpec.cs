using System.Text;

namespace Twill.Linux.Route;

/// <summary>A route to be added, or a pattern of one to be removed. Prints itself as `ip route` takes it.</summary>
public readonly record struct RouteSpec
{
    /// <summary>Host bits zero. <see cref="DefaultV4"/> and <see cref="DefaultV6"/> match everything.</summary>
    public required IpPrefix Destination { get; init; }

    /// <summary>Where packets are handed to; null: the destination is on the link. May be IPv6 for an IPv4 destination (Linux 5.2).</summary>
    public IpAddress? Gateway { get; init; }

    public IfIndex? Dev { get; init; }

    /// <summary>Null: main.</summary>
    public RouteTable? Table { get; init; }

    /// <summary>Null: boot when added, any when removed.</summary>
    public RouteProtocol? Protocol { get; init; }

    /// <summary>Null: link without a gateway, else universe; IPv6 knows none.</summary>
    public RouteScope? Scope { get; init; }

    /// <summary>The metric: lower wins. Null: 0 for IPv4, 1024 for IPv6.</summary>
    public uint? Priority { get; init; }

    public IpAddress? PreferredSource { get; init; }

    /// <summary>The gateway is on the link, whatever the addresses say.</summary>
    public bool OnLink { get; init; }

    /// <summary>Path MTU.</summary>
    public Mtu? Mtu { get; init; }

    /// <summary>Path MTU discovery may not lower it.</summary>
    public bool LockMtu { get; init; }

    /// <summary>Largest TCP segment announced to the peer, in bytes.</summary>
    public int? AdvMss { get; init; }

    /// <summary>Null: unicast when added, any when removed.</summary>
    public RouteType? Type { get; init; }

    /// <summary>Several ways; then no gateway and device of its own.</summary>
    public NextHop[]? NextHops { get; init; }

    public static IpPrefix DefaultV4 => new(IpAddress.V4(0), 0);

    public static IpPrefix DefaultV6 => new(new IpAddress(UInt128.Zero, true), 0);

    /// <summary>As `ip route` takes it, with indices for devices: "10.244.2.0/24 via 192.168.1.12 dev #2".</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (Type is { } type && type != RouteType.Unicast) text.Append(type.ToString().ToLowerInvariant()).Append(' ');
        text.Append(Destination.Length == 0 ? "default" : Destination.ToString());
        Append(text, Gateway, Dev, Destination.IsV6, OnLink);
        foreach (NextHop hop in NextHops ?? [])
        {
            text.Append(" nexthop");
            Append(text, hop.Gateway, hop.Dev, Destination.IsV6, hop.OnLink);
            if (hop.Weight > 1) text.Append($" weight {hop.Weight}");
        }

        if (Table is { } table && table != RouteTable.Main) text.Append($" table {table}");
        if (Protocol is { } protocol) text.Append($" proto {protocol}");
        if (Priority is { } priority) text.Append($" metric {priority}");
        if (PreferredSource is { } source) text.Append($" src {source}");
        if (Mtu is { } mtu) text.Append(LockMtu ? $" mtu lock {mtu}" : $" mtu {mtu}");
        if (AdvMss is { } advMss) text.Append($" advmss {advMss}");
        return text.ToString();
    }

    private static void Append(StringBuilder text, IpAddress? gateway, IfIndex? dev, bool v6, bool onLink)
    {
        if (gateway is { } via) text.Append(via.IsV6 == v6 ? $" via {via}" : $" via inet6 {via}");
        if (dev is { } index) text.Append($" dev #{index}");
        if (onLink) text.Append(" onlink");
    }
}
