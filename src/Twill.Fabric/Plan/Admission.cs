using Twill.Fabric.Backends;
using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Plan;

/// <summary>Which nodes of a list can be programmed together; a node that contradicts another is left out, or stays what it was.</summary>
/// <remarks>
/// Who was there first stays: a newcomer, or a node that changed, never takes addresses away from pods that run. Of two newcomers the
/// first by name wins, so that all nodes decide alike. Grows with the number of nodes, sorted once.
/// </remarks>
public sealed class Admission
{
    private readonly Cluster _cluster;
    private readonly IBackend _backend;
    private readonly Underlay? _underlay;
    private readonly string _self;
    private readonly Dictionary<string, ClusterNode> _admitted = [];
    private readonly Dictionary<IpAddress, string> _addresses = [];
    private readonly Dictionary<MacAddress, string> _tunnelEnds = [];

    // Prefixes nest or are disjoint, and a cluster has few lengths of them: so "what contains this" is one look-up per length, and "what
    // is inside this" one look-up at all. Lists sorted by address took 80 ms for 5,000 nodes, most of it to move their ends.
    private readonly int[] _lengthsV4, _lengthsV6;
    private readonly Dictionary<IpPrefix, string> _blocks = [];
    private readonly Dictionary<IpPrefix, PlacedBlock> _blockInside = [];
    private readonly Dictionary<IpPrefix, PlacedAddress> _addressInside = [];
    private readonly List<Refusal> _refusals = [];

    private Admission(Cluster cluster, string self, Underlay? underlay, Cluster? before)
    {
        _cluster = cluster;
        _self = self;
        _underlay = underlay;
        _backend = Backends.Backends.Find(cluster.Backend);
        (_lengthsV4, _lengthsV6) = (LengthsIn(cluster, before, v6: false), LengthsIn(cluster, before, v6: true));
    }

    private static int[] LengthsIn(Cluster cluster, Cluster? before, bool v6)
    {
        var seen = new bool[129];
        Look(cluster);
        if (before is not null) Look(before);
        var lengths = new List<int>();
        for (int i = 0; i < seen.Length; i++)
        {
            if (seen[i]) lengths.Add(i);
        }

        return [.. lengths];

        void Look(Cluster nodes)
        {
            foreach (ClusterNode node in nodes.Nodes)
            {
                for (int i = 0; i < node.PodBlocks.Count; i++)
                {
                    if (node.PodBlocks[i].IsV6 == v6) seen[node.PodBlocks[i].Length] = true;
                }
            }
        }
    }

    /// <param name="cluster">As its source tells it.</param>
    /// <param name="self">This node's name.</param>
    /// <param name="underlay">This node's; null leaves out what concerns its link.</param>
    /// <param name="before">What was admitted last.</param>
    /// <param name="isProgrammed">Whether the kernel has routes to this very node: it was there before this program was.</param>
    public static (Cluster Cluster, IReadOnlyList<Refusal> Refusals) Of(Cluster cluster, string self, Underlay? underlay = null, Cluster? before = null, Func<ClusterNode, bool>? isProgrammed = null)
    {
        var admission = new Admission(cluster, self, underlay, before);
        Dictionary<string, ClusterNode> old = before?.Nodes.ToDictionary(n => n.Name) ?? [];
        ClusterNode? own = cluster.Nodes.FirstOrDefault(n => n.Name == self);
        if (own is not null) admission.Consider(own, old.GetValueOrDefault(self));
        List<ClusterNode> programmed = [], changed = [], newcomers = [];
        foreach (ClusterNode node in cluster.Nodes)
        {
            if (ReferenceEquals(node, own)) continue;
            if (!old.TryGetValue(node.Name, out ClusterNode? was)) (isProgrammed is not null && isProgrammed(node) ? programmed : newcomers).Add(node);
            else if (was.IsSame(node)) admission.Consider(node, node); // was admitted beside the others of its kind: their order means nothing
            else changed.Add(node);
        }

        foreach (List<ClusterNode> rank in (List<ClusterNode>[])[programmed, changed, newcomers])
        {
            rank.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
            foreach (ClusterNode node in rank) admission.Consider(node, old.GetValueOrDefault(node.Name));
        }

        return (cluster with { Nodes = admission.InTheOrderOf(cluster) }, admission._refusals);
    }

    private List<ClusterNode> InTheOrderOf(Cluster cluster)
    {
        var nodes = new List<ClusterNode>(_admitted.Count);
        foreach (ClusterNode node in cluster.Nodes)
        {
            if (_admitted.Remove(node.Name, out ClusterNode? admitted)) nodes.Add(admitted);
        }

        return nodes;
    }

    private void Consider(ClusterNode node, ClusterNode? old)
    {
        Refusal? refusal = ChangedBlocks(node, old) ?? Clash(node);
        if (refusal is null)
        {
            Admit(node);
            return;
        }

        _refusals.Add(refusal);
        if (old is not null && !old.IsSame(node) && !_admitted.ContainsKey(node.Name) && Clash(old) is null) Admit(old);
    }

    private Refusal? ChangedBlocks(ClusterNode node, ClusterNode? old)
    {
        if (old is null || old.HasBlocksOf(node)) return null;
        return new Refusal(node.Name, null, $"node {node.Name} says its block is {Join(node.PodBlocks)} now and said {Join(old.PodBlocks)} before: the old one stays in force, as pods run there; take the node out of the cluster, let that be applied, and add it again");
    }

    private Refusal? Clash(ClusterNode node)
    {
        if (_admitted.ContainsKey(node.Name)) return new Refusal(node.Name, node.Name, $"two nodes are called {node.Name}: give one of them another name");
        foreach (IpPrefix address in node.Addresses)
        {
            if (_addresses.TryGetValue(address.Address, out string? other)) return new Refusal(node.Name, other, $"nodes {other} and {node.Name} both have the address {address.Address}: give one of them another");
            if (BlockAround(address.Address) is { } around) return new Refusal(node.Name, around.Node, $"the address {address.Address} of node {node.Name} is inside the block {around.Block} of {around.Node}: pods there would hide the node; give one of them another");
            if (_backend.Tunnels && _tunnelEnds.TryGetValue(Overlay.MacOf(address.Address), out other)) return new Refusal(node.Name, other, $"the addresses of nodes {other} and {node.Name} give the same tunnel hardware address {Overlay.MacOf(address.Address)}: change one by one bit");
        }

        foreach (IpPrefix block in node.PodBlocks)
        {
            if (Clash(node, block) is { } refusal) return refusal;
        }

        return null;
    }

    private Refusal? Clash(ClusterNode node, IpPrefix block)
    {
        if (node.AddressOf(block.IsV6) is null && !(_backend.Tunnels && node.Addresses.Count > 0))
            return new Refusal(node.Name, null, $"node {node.Name} has the block {block} but no IPv{(block.IsV6 ? 6 : 4)} address by which others could reach it: give it one, or take the block away");
        foreach (IpPrefix own in node.PodBlocks)
        {
            if (own != block && own.Overlaps(block)) return new Refusal(node.Name, node.Name, $"the blocks {block} and {own} of node {node.Name} overlap: leave one out");
        }

        if (Overlapping(block) is { } other) return new Refusal(node.Name, other.Node, $"the block {other.Block} of {other.Node} and the block {block} of {node.Name} overlap: pods of the two would share addresses");
        if (AddressInside(block) is { } owner) return new Refusal(node.Name, owner.Node, $"the block {block} of {node.Name} contains the address {owner.First} of node {owner.Node}: give one of them another");
        foreach (IpPrefix own in node.Addresses)
        {
            if (block.Contains(own.Address)) return new Refusal(node.Name, null, $"the block {block} of {node.Name} contains the node's own address {own.Address}: give one of them another");
        }

        foreach (IpPrefix link in _underlay?.Addresses ?? [])
        {
            if (link.Length < link.Address.Bits && link.Overlaps(block)) return new Refusal(node.Name, _self, $"the block {block} of {node.Name} overlaps {link.Network}, the network of {_underlay!.Device} on {_self}: its machines could not be reached any more; give the node another block");
        }

        if (node.Name == _self || _underlay is null || node.PrefixOf(block.IsV6) is not { } address || _backend.WayTo(node, block.IsV6, _underlay) != Way.Direct || _underlay.IsNear(address)) return null;
        return new Refusal(node.Name, _self, $"{node.Name} ({address.Address}) is not on {_underlay.Device} of {_self}: use backend \"vxlan\" or \"auto\", or check `ip route get {address.Address}`");
    }

    private void Admit(ClusterNode node)
    {
        _admitted.Add(node.Name, node);
        foreach (IpPrefix address in node.Addresses)
        {
            _addresses.TryAdd(address.Address, node.Name);
            _tunnelEnds.TryAdd(Overlay.MacOf(address.Address), node.Name);
            foreach (int length in LengthsOf(address)) _addressInside.TryAdd(Cut(address, length), new PlacedAddress(address.Address, node.Name));
        }

        foreach (IpPrefix block in node.PodBlocks)
        {
            _blocks.TryAdd(block.Network, node.Name);
            foreach (int length in LengthsOf(block))
            {
                if (length < block.Length) _blockInside.TryAdd(Cut(block, length), new PlacedBlock(block, node.Name));
            }
        }
    }

    private PlacedBlock? Overlapping(IpPrefix prefix)
    {
        foreach (int length in LengthsOf(prefix))
        {
            if (length <= prefix.Length && _blocks.TryGetValue(Cut(prefix, length), out string? node)) return new PlacedBlock(Cut(prefix, length), node);
        }

        return _blockInside.TryGetValue(prefix.Network, out PlacedBlock inside) ? inside : null;
    }

    private PlacedBlock? BlockAround(IpAddress address) => Overlapping(new IpPrefix(address, address.Bits));

    private PlacedAddress? AddressInside(IpPrefix block) => _addressInside.TryGetValue(block.Network, out PlacedAddress inside) ? inside : null;

    private int[] LengthsOf(IpPrefix prefix) => prefix.IsV6 ? _lengthsV6 : _lengthsV4;

    private static IpPrefix Cut(IpPrefix prefix, int length) => new IpPrefix(prefix.Address, length).Network;

    private readonly record struct PlacedAddress(IpAddress First, string Node);

    private readonly record struct PlacedBlock(IpPrefix Block, string Node);

    private static string Join(IReadOnlyList<IpPrefix> blocks) => blocks.Count == 0 ? "none" : Underlay.TextOf(blocks, ", ");
}
