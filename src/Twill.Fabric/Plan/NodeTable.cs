using Twill.Fabric.Model;
using Twill.Linux.Nft;
using Twill.Linux.Nft.Expressions;
using Twill.Linux.Route;
using Twill.Linux.Uapi;

namespace Twill.Fabric.Plan;

/// <summary>What the node has in nftables, beside the plugin's own table: who may send us tunnel packets, and masquerading of what leaves.</summary>
/// <remarks>
/// A table of its own, so that the plugin can take its table away with its last rule. It is made and rebuilt in one transaction:
/// no packet sees half of it. Rules do not grow with the number of nodes, sets do.
/// </remarks>
public sealed record NodeTable
{
    /// <summary>Offset of the VXLAN network identifier behind the start of the UDP header. Source: RFC 7348 section 5.</summary>
    private const uint VniOffset = 8 + 4;

    public static NftTable Table { get; } = new(NftFamily.Inet, "twill-node");

    /// <summary>Before everything else that looks at packets for this host; fragments are put together by then.</summary>
    public static NftChain Guard { get; } = new(Table, "guard") { Hook = NftHook.Filter(NftHookPoint.Input, NftPriority.Raw), Policy = NftVerdict.Accept };

    public static NftChain Postrouting { get; } = new(Table, "postrouting") { Hook = NftHook.Nat(NftHookPoint.Postrouting), Policy = NftVerdict.Accept };

    private static readonly IpPrefix s_multicastV4 = IpPrefix.Parse("224.0.0.0/4"), s_multicastV6 = IpPrefix.Parse("ff00::/8");

    public required IReadOnlyList<NftChain> Chains { get; init; }

    public required IReadOnlyList<NftRule> Rules { get; init; }

    public required IReadOnlyList<NodeSet> Sets { get; init; }

    /// <returns>Null: the node needs none.</returns>
    public static NodeTable? For(Cluster cluster, ClusterNode self, NodeVxlan? vxlan)
    {
        var chains = new List<NftChain>();
        var rules = new List<NftRule>();
        var sets = new List<NodeSet>();
        if (vxlan is not null) AddGuard(cluster, self, vxlan, chains, rules, sets);
        if (cluster.Masquerade) AddMasquerade(cluster, self, chains, rules, sets);
        return chains.Count == 0 ? null : new NodeTable { Chains = chains, Rules = rules, Sets = sets };
    }

    public NodeTableState ToState()
    {
        var elements = new Dictionary<string, IReadOnlySet<(IpAddress, IpAddress)>>();
        foreach (NodeSet set in Sets)
        {
            var ranges = new HashSet<(IpAddress, IpAddress)>();
            foreach (IpPrefix prefix in set.Elements) ranges.Add((prefix.First, prefix.Last));
            elements[set.Set.Name] = ranges;
        }

        return new NodeTableState(true, elements);
    }

    /// <summary>Whether the other differs in nothing but elements.</summary>
    internal bool HasShapeOf(NodeTable other)
        => Chains.Select(c => c.Name).SequenceEqual(other.Chains.Select(c => c.Name)) && Sets.Select(s => s.Set.Name).SequenceEqual(other.Sets.Select(s => s.Set.Name))
            && Rules.Select(r => $"{r.Chain} {r} {r.Comment}").SequenceEqual(other.Rules.Select(r => $"{r.Chain} {r} {r.Comment}"));

    public IEnumerable<string> ToLines()
    {
        yield return $"nft add table {Table}";
        foreach (NodeSet set in Sets)
        {
            yield return $"nft add set {set.Set} {{ type {set.Set.Key};{(set.Set.Interval ? " flags interval;" : "")} }}";
            if (set.Elements.Count > 0) yield return $"nft add element {set.Set} {{ {set.ToText()} }}";
        }

        foreach (NftChain chain in Chains) yield return $"nft add chain {chain} {{ {chain.Hook!.ToText(chain.Table.Family)}; policy {chain.Policy}; }}";
        foreach (NftRule rule in Rules) yield return $"nft add rule {rule.Chain} {rule}";
    }

    /// <summary>Only known nodes may put packets into the overlay: whoever else sends to this port with our identifier is dropped.</summary>
    private static void AddGuard(Cluster cluster, ClusterNode self, NodeVxlan vxlan, List<NftChain> chains, List<NftRule> rules, List<NodeSet> sets)
    {
        bool v6 = vxlan.Local.IsV6;
        var nodes = new NftSet(Table, v6 ? "nodes6" : "nodes4", v6 ? NftType.Ipv6Addr : NftType.Ipv4Addr);
        var addresses = new List<IpPrefix>();
        foreach (ClusterNode node in cluster.Nodes)
        {
            if (node.Name != self.Name && node.AddressOf(v6) is { } address) addresses.Add(new IpPrefix(address, address.Bits));
        }

        sets.Add(new NodeSet(nodes, addresses));
        chains.Add(Guard);
        byte[] vni = [(byte)(vxlan.Vni.Value >> 16), (byte)(vxlan.Vni.Value >> 8), (byte)vxlan.Vni.Value];
        NftStatement ofOurs = Nft.Raw(
            $"@th,{VniOffset * 8},24 0x{vxlan.Vni.Value:x}",
            new NftPayload(NftRegister.First, NfTablesUapi.NFT_PAYLOAD_TRANSPORT_HEADER, VniOffset, 3),
            new NftCmp(NftRegister.First, NfTablesUapi.NFT_CMP_EQ, new NftBytes(vni)));
        rules.Add(new NftRule(Guard, Nft.Udp.Dport.Is(vxlan.Port), ofOurs, (v6 ? Nft.Ip6.Saddr : Nft.Ip.Saddr).NotIn(nodes), Nft.Counter, Nft.Drop) { Comment = "only nodes may use the overlay" });
    }

    private static void AddMasquerade(Cluster cluster, ClusterNode self, List<NftChain> chains, List<NftRule> rules, List<NodeSet> sets)
    {
        chains.Add(Postrouting);
        for (int family = 0; family < 2; family++)
        {
            bool v6 = family == 1;
            if (self.BlockOf(v6) is null) continue;
            var stays = new NftSet(Table, v6 ? "stays6" : "stays4", v6 ? NftType.Ipv6Addr : NftType.Ipv4Addr) { Interval = true };
            sets.Add(new NodeSet(stays, Merge(Kept(cluster, v6))));
            foreach (IpPrefix block in self.PodBlocks)
            {
                if (block.IsV6 == v6) rules.Add(new NftRule(Postrouting, (v6 ? Nft.Ip6.Saddr : Nft.Ip.Saddr).Is(block), (v6 ? Nft.Ip6.Daddr : Nft.Ip.Daddr).NotIn(stays), Nft.Masquerade(NftNatFlags.FullyRandom)) { Comment = $"leaves the cluster from {block.Network}" });
            }
        }
    }

    /// <summary>Destinations that see the pod's own address: pods, nodes, the configured exceptions, multicast.</summary>
    private static List<IpPrefix> Kept(Cluster cluster, bool v6)
    {
        List<IpPrefix> kept = [v6 ? s_multicastV6 : s_multicastV4];
        Keep(cluster.PodCidrs);
        Keep(cluster.MasqueradeExcept);
        foreach (ClusterNode node in cluster.Nodes)
        {
            if (node.AddressOf(v6) is { } address) kept.Add(new IpPrefix(address, address.Bits));
            Keep(node.PodBlocks);
        }

        return kept;

        void Keep(IReadOnlyList<IpPrefix> prefixes)
        {
            for (int i = 0; i < prefixes.Count; i++)
            {
                if (prefixes[i].IsV6 == v6) kept.Add(prefixes[i].Network);
            }
        }
    }

    /// <summary>An interval set takes no overlapping elements: what lies inside another goes.</summary>
    private static List<IpPrefix> Merge(List<IpPrefix> prefixes)
    {
        var merged = new List<IpPrefix>(prefixes.Count);
        prefixes.Sort(static (a, b) => a.First == b.First ? a.Length.CompareTo(b.Length) : a.First.CompareTo(b.First));
        foreach (IpPrefix prefix in prefixes)
        {
            if (merged.Count == 0 || !merged[^1].Contains(prefix.First)) merged.Add(prefix);
        }

        return merged;
    }
}

/// <summary>A set of addresses; those of a set without intervals have their full length.</summary>
public sealed record NodeSet(NftSet Set, IReadOnlyList<IpPrefix> Elements)
{
    public NftElement ToElement(IpPrefix prefix) => Set.Interval ? NftElement.Of(prefix) : NftElement.Of(prefix.Address);

    public NftElement[] ToElements()
    {
        var elements = new NftElement[Elements.Count];
        for (int i = 0; i < elements.Length; i++) elements[i] = ToElement(Elements[i]);
        return elements;
    }

    internal string ToText()
    {
        var texts = new string[Elements.Count];
        for (int i = 0; i < texts.Length; i++) texts[i] = Elements[i].Length == Elements[i].Address.Bits ? Elements[i].Address.ToString() : Elements[i].ToString();
        return string.Join(", ", texts);
    }
}
