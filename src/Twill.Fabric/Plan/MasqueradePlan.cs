using Twill.Fabric.Model;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.Plan;

/// <summary>The masquerade rules of a network, decided without asking the kernel; each prints itself as an nft line.</summary>
public static class MasqueradePlan
{
    /// <summary>Our table; nothing else of nftables is touched.</summary>
    public static NftTable Table { get; } = new(NftFamily.Inet, "twill");

    public static NftChain Postrouting { get; } = new(Table, "postrouting") { Hook = NftHook.Nat(NftHookPoint.Postrouting) };

    private static readonly IpPrefix s_multicastV4 = IpPrefix.Parse("224.0.0.0/4"), s_multicastV6 = IpPrefix.Parse("ff00::/8");

    /// <summary>One rule for each subnet that the addresses are of.</summary>
    /// <remarks>
    /// As the reference bridge plugin: what stays in the subnet, and multicast, keeps its source; and so does what goes to the
    /// configured exceptions. The comment names network and subnet, and a digest of the rule, so that a changed rule is seen.
    /// </remarks>
    public static IReadOnlyList<NftRule> RulesFor(NetworkSettings network, IReadOnlyList<PodAddress> addresses)
    {
        var rules = new List<NftRule>(addresses.Count);
        foreach (IpPrefix subnet in SubnetsOf(addresses)) rules.Add(RuleFor(network, subnet));
        return rules;
    }

    /// <summary>The comments of <see cref="RulesFor"/>, without making the rules: all that an ADD needs which finds them there.</summary>
    public static IReadOnlyList<string> CommentsFor(NetworkSettings network, IReadOnlyList<PodAddress> addresses)
    {
        List<IpPrefix> subnets = SubnetsOf(addresses);
        var comments = new string[subnets.Count];
        for (int i = 0; i < comments.Length; i++) comments[i] = CommentOf(network, subnets[i]);
        return comments;
    }

    private static List<IpPrefix> SubnetsOf(IReadOnlyList<PodAddress> addresses)
    {
        var subnets = new List<IpPrefix>(addresses.Count);
        foreach (PodAddress address in addresses)
        {
            IpPrefix subnet = address.Address.Network;
            bool there = false;
            foreach (IpPrefix other in subnets) there |= other == subnet;
            if (!there) subnets.Add(subnet);
        }

        return subnets;
    }

    internal static bool IsSameSubnet(string comment, string other)
    {
        int end = comment.LastIndexOf(' ');
        return end > 0 && other.StartsWith(comment[..(end + 1)], StringComparison.Ordinal);
    }

    /// <summary>Whether a rule of ours, by its comment, is this network's.</summary>
    public static bool IsOf(string comment, string network) => comment.StartsWith($"twill {NetworkKey(network)} ", StringComparison.Ordinal);

    private static NftRule RuleFor(NetworkSettings network, IpPrefix subnet)
    {
        NftAddressSelector source = subnet.IsV6 ? Nft.Ip6.Saddr : Nft.Ip.Saddr, destination = subnet.IsV6 ? Nft.Ip6.Daddr : Nft.Ip.Daddr;
        var statements = new List<NftStatement> { source.Is(subnet), destination.IsNot(subnet), destination.IsNot(subnet.IsV6 ? s_multicastV6 : s_multicastV4) };
        foreach (IpPrefix except in network.MasqueradeExcept)
        {
            if (except.IsV6 == subnet.IsV6) statements.Add(destination.IsNot(except));
        }

        statements.Add(Nft.Masquerade(NftNatFlags.FullyRandom));
        return new NftRule(Postrouting) { Statements = [.. statements], Comment = CommentOf(network, subnet) };
    }

    /// <remarks>
    /// Concatenated, not interpolated: an interpolation inside another one gives two buffers back to the array pool, and the second
    /// makes the runtime measure how fast it learns its processor's number: 0.2 ms, a tenth of an ADD.
    /// </remarks>
    private static string CommentOf(NetworkSettings network, IpPrefix subnet)
        => string.Concat("twill ", NetworkKey(network.Name), " ", subnet.ToString()) + " " + Hash64.Base32(Hash64.Of(TextOf(network, subnet)), 6);

    /// <summary>The rule as nft prints it, comment left out: what the digest is of.</summary>
    internal static string TextOf(NetworkSettings network, IpPrefix subnet)
    {
        string source = TextOf(subnet), keep = subnet.IsV6 ? " ip6 daddr != " : " ip daddr != ";
        string text = string.Concat(subnet.IsV6 ? "ip6 saddr " : "ip saddr ", source, keep, source) + keep + TextOf(subnet.IsV6 ? s_multicastV6 : s_multicastV4);
        foreach (IpPrefix except in network.MasqueradeExcept)
        {
            if (except.IsV6 == subnet.IsV6) text = string.Concat(text, keep, TextOf(except));
        }

        return text + " masquerade fully-random";
    }

    private static string TextOf(IpPrefix prefix) => prefix.Length == prefix.First.Bits ? prefix.First.ToString() : prefix.Network.ToString();

    /// <summary>A comment holds 127 bytes; an IPv6 subnet takes up to 43 of them.</summary>
    private static string NetworkKey(string network) => network.Length <= 60 ? network : $"#{Hash64.Base32(Hash64.Of(network), 13)}";
}
