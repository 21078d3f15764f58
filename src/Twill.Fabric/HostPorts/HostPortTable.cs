using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.HostPorts;

/// <summary>What is the same whatever ports pods have: table, chains, rules, maps. A packet walks no more rules because there are more ports.</summary>
/// <remarks>
/// Elements bear their holder as comment. The table comes with the first port and stays. Rules look at the first packet of a connection only;
/// the kernel remembers the rest, with the agent dead as well.
/// </remarks>
public static class HostPortTable
{
    /// <summary>Behind our services, before kube-proxy and portmap, which stand at the names' own priorities: the first translation holds.</summary>
    private const int Earlier = 4;

    private static readonly IpPrefix s_loopback = IpPrefix.Parse("127.0.0.0/8"), s_loopback6 = IpPrefix.Parse("::1/128");

    /// <summary>Ours alone, and our mark: nothing else of nftables is touched.</summary>
    public static NftTable Table { get; } = new(NftFamily.Inet, "twill-hostport");

    private static readonly NftSet s_any4 = Map("any4", NftType.Concat(NftType.InetProto, NftType.InetService), NftType.Ipv4Addr);
    private static readonly NftSet s_any6 = Map("any6", NftType.Concat(NftType.InetProto, NftType.InetService), NftType.Ipv6Addr);
    private static readonly NftSet s_at4 = Map("at4", NftType.Concat(NftType.Ipv4Addr, NftType.InetProto, NftType.InetService), NftType.Ipv4Addr);
    private static readonly NftSet s_at6 = Map("at6", NftType.Concat(NftType.Ipv6Addr, NftType.InetProto, NftType.InetService), NftType.Ipv6Addr);
    private static readonly NftSet s_self4 = new(Table, "self4", NftType.Concat(NftType.Ipv4Addr, NftType.Ipv4Addr));
    private static readonly NftSet s_self6 = new(Table, "self6", NftType.Concat(NftType.Ipv6Addr, NftType.Ipv6Addr));

    public static NftChain Prerouting { get; } = new(Table, "prerouting") { Hook = NftHook.Nat(NftHookPoint.Prerouting) with { Priority = NftPriority.Dstnat - Earlier } };

    public static NftChain Output { get; } = new(Table, "output") { Hook = NftHook.Nat(NftHookPoint.Output) with { Priority = NftPriority.Dstnat - Earlier } };

    public static NftChain Postrouting { get; } = new(Table, "postrouting") { Hook = NftHook.Nat(NftHookPoint.Postrouting) with { Priority = NftPriority.Srcnat - Earlier } };

    /// <summary>Keeps pods from the node's loopback addresses, which route_localnet on their bridge would open to them (CVE-2020-8558).</summary>
    public static NftChain Guard { get; } = new(Table, "guard") { Hook = NftHook.Filter(NftHookPoint.Prerouting) with { Priority = NftPriority.Raw } };

    public static NftChain Ports { get; } = new(Table, "ports");

    /// <summary>Bridges with route_localnet.</summary>
    public static NftSet Bridges { get; } = new(Table, "bridges", NftType.IfName);

    /// <summary>A target twice: a pod that reaches itself.</summary>
    public static NftSet Self(bool v6) => v6 ? s_self6 : s_self4;

    /// <summary>Ports of every address of the node.</summary>
    public static NftSet Any(bool v6) => v6 ? s_any6 : s_any4;

    /// <summary>Ports of one address.</summary>
    public static NftSet At(bool v6) => v6 ? s_at6 : s_at4;

    public static IReadOnlyList<NftSet> Maps { get; } = [s_any4, s_at4, s_any6, s_at6];

    public static IReadOnlyList<NftSet> Sets { get; } = [.. Maps, s_self4, s_self6, Bridges];

    public static IReadOnlyList<NftChain> Chains { get; } = [Ports, Guard, Prerouting, Output, Postrouting];

    public static IReadOnlyList<NftRule> Rules { get; } =
    [
        new NftRule(Guard, Nft.Meta.Iifname.In(Bridges), Nft.Ip.Daddr.Is(s_loopback), Nft.Drop),
        new NftRule(Guard, Nft.Meta.Iifname.In(Bridges), Nft.Ip.Saddr.Is(s_loopback), Nft.Drop),
        .. Translations(false),
        .. Translations(true),
        new NftRule(Prerouting, Nft.Fib.DaddrType(NftFibType.Local), Nft.Goto(Ports)),
        new NftRule(Output, Nft.Fib.DaddrType(NftFibType.Local), Nft.Goto(Ports)),
        .. Masquerades(false),
        .. Masquerades(true),
    ];

    internal static bool IsV6(NftSet map) => map.Data is { } data && data.Fields[0].Equals(NftType.Ipv6Addr);

    private static NftSet Map(string name, NftType key, NftType address) => new(Table, name, key) { Data = NftType.Concat(address, NftType.InetService) };

    /// <summary>One look-up for ports of one address, one for those of every address.</summary>
    private static IEnumerable<NftRule> Translations(bool v6)
    {
        NftSelector target = v6 ? Nft.Ip6.Daddr : Nft.Ip.Daddr;
        yield return new NftRule(Ports, Nft.Dnat(target.Dot(Nft.Meta.L4Proto).Dot(Nft.Th.Dport).Map(At(v6))));
        yield return new NftRule(Ports, Nft.Meta.Protocol(v6), Nft.Dnat(Nft.Meta.L4Proto.Dot(Nft.Th.Dport).Map(Any(v6))));
    }

    /// <summary>Every other client keeps its source. These two cannot: an answer to itself, or to a loopback address, would never come back to the node.</summary>
    private static IEnumerable<NftRule> Masquerades(bool v6)
    {
        NftAddressSelector source = v6 ? Nft.Ip6.Saddr : Nft.Ip.Saddr, target = v6 ? Nft.Ip6.Daddr : Nft.Ip.Daddr;
        yield return new NftRule(Postrouting, Nft.Ct.Status(NftCtStatus.Dnat), source.Dot(target).In(Self(v6)), Nft.Masquerade(NftNatFlags.FullyRandom));
        yield return new NftRule(Postrouting, Nft.Ct.Status(NftCtStatus.Dnat), source.Is(v6 ? s_loopback6 : s_loopback), Nft.Meta.Oifname.IsNot("lo"), Nft.Masquerade(NftNatFlags.FullyRandom));
    }
}
