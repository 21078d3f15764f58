using Twill.Fabric.Backends;
using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Plan;

/// <summary>Which nodes of a list can be programmed together; a node that contradicts another is left out, or stays what it was.</summary>
/// <remarks>
/// Who was there first stays: a newcomer, or a node that changed, never takes addresses away from pods that run. Of two newcomers the
/// first by name wins, so that all nodes decide alike. Those in force never contradict one another, so that a list that follows another is
/// decided by looking at the nodes that changed and at those that were refused; the first list is the one that follows an empty one.
/// </remarks>
public sealed partial class Admission
{
    private readonly IBackend _backend;
    private readonly Underlay? _underlay;
    private readonly string _self;

    /// <summary>By name, who is in force.</summary>
    private readonly Dictionary<string, Standing> _standing = [];
    private readonly PlacedPrefixes _places = new();

    /// <summary>Of IPv6 addresses, whose hardware address is a hash; that of an IPv4 address is the address itself.</summary>
    private readonly Dictionary<MacAddress, ClusterNode> _hashedEnds = [];

    private IReadOnlyList<ClusterNode> _listed = [];

    /// <summary>Listed and not in force as they are listed.</summary>
    private List<ClusterNode> _waiting = [];
    private List<Refusal> _refusals = [];

    private Admission(string backend, string self, Underlay? underlay)
    {
        _self = self;
        _underlay = underlay;
        _backend = Backends.Backends.Find(backend);
    }

    /// <param name="Listed">The list's object for it; null: it is listed otherwise, or refused, and stays what it was.</param>
    internal readonly record struct Standing(ClusterNode InForce, ClusterNode? Listed);

    /// <summary>How many nodes were decided about so far: what the work grows with.</summary>
    internal long Decided { get; private set; }

    /// <summary>By the name of the refused, then by text.</summary>
    internal IReadOnlyList<Refusal> Refusals => _refusals;

    /// <param name="cluster">As its source tells it.</param>
    /// <param name="self">This node's name.</param>
    /// <param name="underlay">This node's; null leaves out what concerns its link.</param>
    /// <param name="before">What was admitted last.</param>
    /// <param name="isProgrammed">Whether the kernel has routes to this very node: it was there before this program was.</param>
    public static (Cluster Cluster, IReadOnlyList<Refusal> Refusals) Of(Cluster cluster, string self, Underlay? underlay = null, Cluster? before = null, Func<ClusterNode, bool>? isProgrammed = null)
    {
        Dictionary<string, ClusterNode> old = before?.Nodes.ToDictionary(n => n.Name) ?? [];
        Admission admission = Begin(cluster, self, underlay, old.GetValueOrDefault, isProgrammed);
        return (cluster with { Nodes = admission.View().InForce() }, admission._refusals);
    }

    /// <summary>Decides about a whole list.</summary>
    /// <param name="was">By name, who was in force.</param>
    internal static Admission Begin(Cluster cluster, string self, Underlay? underlay, Func<string, ClusterNode?> was, Func<ClusterNode, bool>? isProgrammed = null)
    {
        var admission = new Admission(cluster.Backend, self, underlay) { _listed = cluster.Nodes };
        var others = new List<ClusterNode>(cluster.Nodes.Count);
        bool own = false;
        foreach (ClusterNode node in cluster.Nodes)
        {
            if (!own && node.Name == self)
            {
                own = true;
                admission.Consider(node, was(self));
            }
            else others.Add(node);
        }

        admission.Decide(others, was, isProgrammed);
        admission._refusals.Sort(InOrder);
        return admission;
    }

    /// <summary>Who is in force under this name.</summary>
    internal ClusterNode? Find(string name) => _standing.TryGetValue(name, out Standing there) ? there.InForce : null;

    /// <summary>Whose pods have exactly this block.</summary>
    internal ClusterNode? WithBlock(IpPrefix block) => _places.BlockAt(block);

    /// <summary>In whose block the address is.</summary>
    internal ClusterNode? WithPod(IpAddress address) => _places.Overlapping(new IpPrefix(address, address.Bits)) is { IsAddress: false } there ? there.Node : null;

    /// <summary>Whose tunnel end has this hardware address.</summary>
    internal ClusterNode? WithEnd(MacAddress mac) => Overlay.AddressBehind(mac) is { } address ? _places.AddressAt(address) : _hashedEnds.GetValueOrDefault(mac);

    /// <summary>Everybody in force, in the order of the list, also when this object has gone on.</summary>
    internal AdmissionView View()
    {
        var others = new Dictionary<string, ClusterNode?>(_waiting.Count);
        foreach (ClusterNode node in _waiting) others[node.Name] = Find(node.Name);
        return new AdmissionView(_listed, others);
    }

    private void Decide(List<ClusterNode> nodes, Func<string, ClusterNode?> was, Func<ClusterNode, bool>? isProgrammed)
    {
        List<ClusterNode> programmed = [], changed = [], newcomers = [];
        foreach (ClusterNode node in nodes)
        {
            ClusterNode? old = was(node.Name);
            if (old is null) (isProgrammed is not null && isProgrammed(node) ? programmed : newcomers).Add(node);
            else if (old.IsSame(node)) Consider(node, node); // was admitted beside the others of its kind: their order means nothing
            else changed.Add(node);
        }

        foreach (List<ClusterNode> rank in (List<ClusterNode>[])[programmed, changed, newcomers])
        {
            rank.Sort(InOrder);
            foreach (ClusterNode node in rank) Consider(node, was(node.Name));
        }
    }

    private void Consider(ClusterNode node, ClusterNode? old)
    {
        Decided++;
        Refusal? refusal = ChangedBlocks(node, old) ?? Clash(node);
        if (refusal is null)
        {
            Admit(new Standing(node, node));
            return;
        }

        _refusals.Add(refusal);
        _waiting.Add(node);
        if (old is not null && !old.IsSame(node) && !_standing.ContainsKey(node.Name) && Clash(old) is null) Admit(new Standing(old, null));
    }

    private Refusal? ChangedBlocks(ClusterNode node, ClusterNode? old)
    {
        if (old is null || old.HasBlocksOf(node)) return null;
        return new Refusal(node.Name, null, $"node {node.Name} says its block is {Join(node.PodBlocks)} now and said {Join(old.PodBlocks)} before: the old one stays in force, as pods run there; take the node out of the cluster, let that be applied, and add it again");
    }

    private Refusal? Clash(ClusterNode node)
    {
        if (_standing.ContainsKey(node.Name)) return new Refusal(node.Name, node.Name, $"two nodes are called {node.Name}: give one of them another name");
        foreach (IpPrefix address in node.Addresses)
        {
            if (_places.Overlapping(Whole(address)) is { } there)
            {
                return there.IsAddress
                    ? new Refusal(node.Name, there.Node.Name, $"nodes {there.Node.Name} and {node.Name} both have the address {address.Address}: give one of them another")
                    : new Refusal(node.Name, there.Node.Name, $"the address {address.Address} of node {node.Name} is inside the block {there.Prefix} of {there.Node.Name}: pods there would hide the node; give one of them another");
            }

            if (_backend.Tunnels && address.IsV6 && _hashedEnds.TryGetValue(Overlay.MacOf(address.Address), out ClusterNode? other))
                return new Refusal(node.Name, other.Name, $"the addresses of nodes {other.Name} and {node.Name} give the same tunnel hardware address {Overlay.MacOf(address.Address)}: change one by one bit");
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

        if (_places.Overlapping(block.Network) is { } there)
        {
            return there.IsAddress
                ? new Refusal(node.Name, there.Node.Name, $"the block {block} of {node.Name} contains the address {there.Prefix.Address} of node {there.Node.Name}: give one of them another")
                : new Refusal(node.Name, there.Node.Name, $"the block {there.Prefix} of {there.Node.Name} and the block {block} of {node.Name} overlap: pods of the two would share addresses");
        }

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

    private void Admit(Standing standing)
    {
        ClusterNode node = standing.InForce;
        _standing.Add(node.Name, standing);
        foreach (IpPrefix address in node.Addresses)
        {
            _places.Add(new PlacedPrefixes.Placed(Whole(address), node, IsAddress: true));
            if (_backend.Tunnels && address.IsV6) _hashedEnds.TryAdd(Overlay.MacOf(address.Address), node);
        }

        foreach (IpPrefix block in node.PodBlocks) _places.Add(new PlacedPrefixes.Placed(block.Network, node, IsAddress: false));
    }

    private void Withdraw(ClusterNode node)
    {
        _standing.Remove(node.Name);
        foreach (IpPrefix address in node.Addresses)
        {
            _places.Remove(Whole(address));
            if (_backend.Tunnels && address.IsV6) _hashedEnds.Remove(Overlay.MacOf(address.Address));
        }

        foreach (IpPrefix block in node.PodBlocks) _places.Remove(block.Network);
    }

    private static IpPrefix Whole(IpPrefix address) => new(address.Address, address.Address.Bits);

    private static int InOrder(Refusal a, Refusal b) => (string.CompareOrdinal(a.Node, b.Node), string.CompareOrdinal(a.Text, b.Text)) is (0, var byText) ? byText : string.CompareOrdinal(a.Node, b.Node);

    /// <summary>By name; of two with one name by content, so that it does not matter in which order they were listed.</summary>
    private static int InOrder(ClusterNode a, ClusterNode b)
        => string.CompareOrdinal(a.Name, b.Name) is var byName and not 0 ? byName : string.CompareOrdinal(Join(a.Addresses) + Join(a.PodBlocks), Join(b.Addresses) + Join(b.PodBlocks));

    private static string Join(IReadOnlyList<IpPrefix> prefixes) => prefixes.Count == 0 ? "none" : Underlay.TextOf(prefixes, ", ");
}
