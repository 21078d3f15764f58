using Twill.Linux.Nft.Expressions;
using Twill.Linux.Route;
using Twill.Linux.Uapi;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft;

/// <summary>The words of an nft rule. Like: Nft.Ip.Saddr.Is(pods), Nft.Ip.Daddr.IsNot(cluster), Nft.Masquerade(NftNatFlags.FullyRandom).</summary>
/// <remarks>
/// In family inet an address brings its "meta nfproto" match along, a port its "meta l4proto", once each per rule, as nft does.
/// </remarks>
public static partial class Nft
{
    public const byte Icmp = 1, TcpProtocol = 6, UdpProtocol = 17, Icmpv6 = 58, Sctp = 132;

    public static NftStatement Accept { get; } = Verdict(NftVerdict.Accept);

    public static NftStatement Drop { get; } = Verdict(NftVerdict.Drop);

    public static NftStatement Return { get; } = Verdict(NftVerdict.Return);

    /// <summary>Counts packets and bytes.</summary>
    public static NftStatement Counter { get; } = new("counter", static c => c.Add(new NftCounter()));

    /// <summary>No connection tracking; in chains of prerouting and output at priority raw.</summary>
    public static NftStatement Notrack { get; } = new("notrack", static c => c.Add(new NftNotrack()));

    public static NftStatement Jump(NftChain chain) => Verdict(NftVerdict.Jump(chain.Name));

    public static NftStatement Goto(NftChain chain) => Verdict(NftVerdict.Goto(chain.Name));

    public static NftStatement Verdict(NftVerdict verdict) => new(verdict.ToString(), c => c.Add(new NftDecide(verdict)));

    /// <summary>Expressions that no word stands for.</summary>
    public static NftStatement Raw(string text, params ReadOnlySpan<NftExpression> expressions)
    {
        NftExpression[] owned = expressions.ToArray();
        return new NftStatement(text, c => c.Expressions.AddRange(owned));
    }

    /// <summary>Like: masquerade to :1000-2000 fully-random.</summary>
    public static NftStatement Masquerade(NftNatFlags flags = NftNatFlags.None, NftPortRange? ports = null) => new($"masquerade{To(ports)}{Text(flags)}", c =>
    {
        (NftRegister? min, NftRegister? max) = LoadPorts(c, NftRegister.First, ports);
        c.Add(new NftMasquerade((uint)flags, min, max));
    });

    /// <summary>To a port of this host. Like: redirect to :3000.</summary>
    public static NftStatement Redirect(NftPortRange? ports = null, NftNatFlags flags = NftNatFlags.None) => new($"redirect{To(ports)}{Text(flags)}", c =>
    {
        (NftRegister? min, NftRegister? max) = LoadPorts(c, NftRegister.First, ports);
        c.Add(new NftRedirect((uint)flags, min, max));
    });

    /// <summary>Like: snat ip to 192.0.2.1:1000-2000 persistent.</summary>
    public static NftStatement Snat(IpAddress address, NftPortRange? ports = null, NftNatFlags flags = NftNatFlags.None) => Nat(NFT_NAT_SNAT, address, null, ports, flags);

    /// <summary>Like: snat ip to 192.0.2.1-192.0.2.9.</summary>
    public static NftStatement Snat(IpAddress first, IpAddress last, NftPortRange? ports = null, NftNatFlags flags = NftNatFlags.None) => Nat(NFT_NAT_SNAT, first, last, ports, flags);

    /// <summary>Like: snat ip to ip saddr map @egress.</summary>
    public static NftStatement Snat(NftMapped target, NftNatFlags flags = NftNatFlags.None) => Nat(NFT_NAT_SNAT, target, flags);

    /// <summary>Like: dnat ip to 10.244.1.7:8080.</summary>
    public static NftStatement Dnat(IpAddress address, NftPortRange? ports = null, NftNatFlags flags = NftNatFlags.None) => Nat(NFT_NAT_DNAT, address, null, ports, flags);

    /// <summary>Like: dnat ip to 10.244.1.7-10.244.1.9.</summary>
    public static NftStatement Dnat(IpAddress first, IpAddress last, NftPortRange? ports = null, NftNatFlags flags = NftNatFlags.None) => Nat(NFT_NAT_DNAT, first, last, ports, flags);

    /// <summary>Like: dnat ip to numgen random mod 2 map { ... }; dnat ip addr . port to ip daddr . tcp dport map @services.</summary>
    public static NftStatement Dnat(NftMapped target, NftNatFlags flags = NftNatFlags.None) => Nat(NFT_NAT_DNAT, target, flags);

    private static NftStatement Nat(uint type, IpAddress first, IpAddress? last, NftPortRange? ports, NftNatFlags flags)
    {
        string Host(IpAddress address) => address.IsV6 && ports is not null ? $"[{address}]" : address.ToString();
        string addresses = last is { } end ? $"{Host(first)}-{Host(end)}" : Host(first);
        return new NftStatement($"{Word(type)} {(first.IsV6 ? "ip6" : "ip")} to {addresses}{(ports is { } p ? $":{p}" : "")}{Text(flags)}", c =>
        {
            NftRegister next = NftRegister.First;
            NftRegister Load(NftBytes value)
            {
                NftRegister here = next;
                c.Add(new NftImmediate(here, value));
                next = NftRegister.OfWord(here.Word + 4); // 16 bytes each, as nft does
                return here;
            }

            NftRegister addressMin = Load(NftBytes.Of(first));
            NftRegister? addressMax = last is { } upper ? Load(NftBytes.Of(upper)) : null;
            (NftRegister? portMin, NftRegister? portMax) = LoadPorts(c, next, ports);
            c.Add(new NftNat(type, first.IsV6 ? NfnetlinkUapi.NFPROTO_IPV6 : NfnetlinkUapi.NFPROTO_IPV4, addressMin, addressMax, portMin, portMax, (uint)flags));
        });
    }

    private static NftStatement Nat(uint type, NftMapped target, NftNatFlags flags)
    {
        NftType address = target.Type.IsConcatenation ? target.Type.Fields[0] : target.Type;
        bool v6 = address.Equals(NftType.Ipv6Addr);
        if (!v6 && !address.Equals(NftType.Ipv4Addr)) throw new ArgumentException($"{Word(type)} needs a map to an address, not to {target.Type}", nameof(target));
        bool port = target.Type.IsConcatenation;
        return new NftStatement($"{Word(type)} {(v6 ? "ip6" : "ip")}{(port ? " addr . port" : "")} to {target.Text}{Text(flags)}", c =>
        {
            target.Load(c, NftRegister.First);
            c.Add(new NftNat(type, v6 ? NfnetlinkUapi.NFPROTO_IPV6 : NfnetlinkUapi.NFPROTO_IPV4, NftRegister.First, null, port ? NftRegister.First.Plus(address.Length) : null, null, (uint)flags));
        });
    }

    private static (NftRegister? Min, NftRegister? Max) LoadPorts(NftCompiler c, NftRegister first, NftPortRange? ports)
    {
        if (ports is not { } range) return (null, null);
        c.Add(new NftImmediate(first, NftBytes.U16Be(range.First)));
        if (range.First == range.Last) return (first, null);
        NftRegister second = NftRegister.OfWord(first.Word + 4);
        c.Add(new NftImmediate(second, NftBytes.U16Be(range.Last)));
        return (first, second);
    }

    private static string Word(uint type) => type == NFT_NAT_SNAT ? "snat" : "dnat";

    private static string To(NftPortRange? ports) => ports is { } range ? $" to :{range}" : "";

    private static string Text(NftNatFlags flags)
    {
        if (flags == NftNatFlags.None) return "";
        var words = new List<string>(3);
        if ((flags & NftNatFlags.Random) != 0) words.Add("random");
        if ((flags & NftNatFlags.FullyRandom) != 0) words.Add("fully-random");
        if ((flags & NftNatFlags.Persistent) != 0) words.Add("persistent");
        return $" {string.Join(',', words)}";
    }
}
