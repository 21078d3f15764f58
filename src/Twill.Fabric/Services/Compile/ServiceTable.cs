using Twill.Fabric.Services.Model;
using Twill.Linux.Nft;

namespace Twill.Fabric.Services.Compile;

/// <summary>What is the same on every node: table, chains, maps and rules. They do not grow with services, and no packet walks more rules because of them.</summary>
public static class ServiceTable
{
    /// <summary>Before kube-proxy's chains, which stand at the names' own priorities: where both run the first translation holds.</summary>
    private const int Earlier = 5;

    /// <summary>Ours alone, and our mark: nothing else of nftables is touched.</summary>
    public static NftTable Table { get; } = new(NftFamily.Inet, "twill-services");

    private static readonly ServiceSets s_v4 = new(Table, false), s_v6 = new(Table, true);

    public static NftChain Prerouting { get; } = new(Table, "prerouting") { Hook = NftHook.Nat(NftHookPoint.Prerouting) with { Priority = NftPriority.Dstnat - Earlier } };

    public static NftChain Output { get; } = new(Table, "output") { Hook = NftHook.Nat(NftHookPoint.Output) with { Priority = NftPriority.Dstnat - Earlier } };

    public static NftChain Postrouting { get; } = new(Table, "postrouting") { Hook = NftHook.Nat(NftHookPoint.Postrouting) with { Priority = NftPriority.Srcnat - Earlier } };

    public static NftChain Services { get; } = new(Table, "services");

    public static NftChain Refuse { get; } = new(Table, "refuse");

    public static IReadOnlyList<NftChain> Chains { get; } = [Refuse, Services, Prerouting, Output, Postrouting];

    internal static bool IsHairpin(string set) => set == s_v4.Hairpin.Name || set == s_v6.Hairpin.Name;

    public static ServiceSets Sets(bool v6) => v6 ? s_v6 : s_v4;

    public static IEnumerable<NftSet> AllSets => [.. s_v4.Ours, s_v4.Affinity, .. s_v6.Ours, s_v6.Affinity];

    public static IEnumerable<NftSet> OurSets => [.. s_v4.Ours, .. s_v6.Ours];

    /// <summary>Like: ip daddr . meta l4proto . th dport.</summary>
    public static NftSelector Frontend(bool v6) => (v6 ? Nft.Ip6.Daddr : (NftSelector)Nft.Ip.Daddr).Dot(Nft.Meta.L4Proto).Dot(Nft.Th.Dport);

    /// <summary>Frontend and client as the key of <see cref="ServiceSets.Affinity"/>; of IPv6 two hashes of them.</summary>
    /// <remarks>
    /// nft 1.0.6 ends with an assertion when it loads a rule that updates a map by a key of more than 16 bytes. Clients of one hash, 64 bits
    /// long, would share an endpoint, no more.
    /// </remarks>
    public static NftSelector Client(bool v6)
    {
        NftSelector whole = Frontend(v6).Dot(v6 ? Nft.Ip6.Saddr : Nft.Ip.Saddr);
        return v6 ? Nft.Jhash(whole, uint.MaxValue, FirstSeed).Dot(Nft.Jhash(whole, uint.MaxValue, SecondSeed)) : whole;
    }

    private const uint FirstSeed = 0x7477, SecondSeed = 0x696c;

    /// <summary>The rules of <see cref="Chains"/>, in their order.</summary>
    public static IReadOnlyList<NftRule> Rules { get; } = [.. MakeRules()];

    private static IEnumerable<NftRule> MakeRules()
    {
        yield return new NftRule(Refuse, Nft.Meta.L4Proto.Is(Nft.TcpProtocol), Nft.RejectTcpReset);
        yield return new NftRule(Refuse, Nft.Reject);
        foreach (ServiceSets sets in (ServiceSets[])[s_v4, s_v6])
        {
            NftSelector frontend = Frontend(sets.V6), client = sets.V6 ? Nft.Ip6.Saddr : Nft.Ip.Saddr, target = sets.V6 ? Nft.Ip6.Daddr : Nft.Ip.Daddr;
            yield return new NftRule(Services, frontend.In(sets.Restricted), frontend.Dot(client).NotIn(sets.Ranges), Nft.Drop);
            yield return new NftRule(Services, client.In(sets.Pods), frontend.Vmap(sets.Inside));
            yield return new NftRule(Services, Nft.Fib.SaddrType(NftFibType.Local), frontend.Vmap(sets.Inside));
            yield return new NftRule(Services, frontend.Vmap(sets.Services));
            yield return new NftRule(Services, target.In(sets.Addresses), Nft.Goto(Refuse));
        }

        yield return new NftRule(Prerouting, Nft.Goto(Services));
        yield return new NftRule(Output, Nft.Goto(Services));
        foreach (ServiceSets sets in (ServiceSets[])[s_v4, s_v6])
        {
            NftSelector client = sets.V6 ? Nft.Ip6.Saddr : Nft.Ip.Saddr, target = sets.V6 ? Nft.Ip6.Daddr : Nft.Ip.Daddr;
            NftSelector asked = (sets.V6 ? Nft.Ct.OriginalDaddr6 : (NftSelector)Nft.Ct.OriginalDaddr).Dot(Nft.Meta.L4Proto).Dot(Nft.Ct.OriginalProtoDst);
            yield return new NftRule(Postrouting, Nft.Ct.Status(NftCtStatus.Dnat), client.Dot(target).In(sets.Hairpin), Nft.Masquerade(NftNatFlags.FullyRandom));

            // One for each protocol: nft knows no length of "ct original proto-dst" before a rule has named one.
            foreach (ServiceProtocol protocol in Enum.GetValues<ServiceProtocol>())
            {
                yield return new NftRule(Postrouting,
                    Nft.Ct.Status(NftCtStatus.Dnat), Nft.Meta.L4Proto.Is((byte)protocol), asked.In(sets.Masquerade), client.NotIn(sets.Pods), Nft.Fib.SaddrTypeNot(NftFibType.Local), Nft.Masquerade(NftNatFlags.FullyRandom));
            }
        }
    }
}
