using Twill.Fabric.Backends;
using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Keep;

/// <summary>What the kernel remembers of the other nodes from before this program started: our routes, and the ends of the tunnel. Pure.</summary>
public sealed class Recollection
{
    private readonly HashSet<(IpPrefix Block, IpAddress Gateway)> _ways = [];
    private readonly Dictionary<IpAddress, List<IpPrefix>> _near = [];
    private readonly Dictionary<MacAddress, List<IpPrefix>> _far = [];

    /// <param name="routes">Those with our protocol.</param>
    /// <param name="ends">Neighbours on the tunnel.</param>
    /// <param name="tunnel">Null: there is none.</param>
    public Recollection(IEnumerable<Route> routes, IEnumerable<Neighbour> ends, IfIndex? tunnel)
    {
        var macs = new Dictionary<IpAddress, MacAddress>();
        foreach (Neighbour end in ends)
        {
            if (end is not { Mac: { } mac }) continue;
            _far.TryAdd(mac, []);
            if (end.Address is { } address) macs[address] = mac;
        }

        foreach (Route route in routes)
        {
            if (route.Gateway is not { } gateway) continue;
            if (tunnel is null || route.Dev != tunnel)
            {
                _ways.Add((route.Destination, gateway));
                if (!_near.TryGetValue(gateway, out List<IpPrefix>? blocks)) _near.Add(gateway, blocks = []);
                blocks.Add(route.Destination);
            }
            else if (macs.TryGetValue(gateway, out MacAddress mac)) _far[mac].Add(route.Destination);
        }
    }

    /// <summary>Whether there is a way to this very node: with its address and one of its blocks, or to its end of the tunnel.</summary>
    public bool IsProgrammed(ClusterNode node)
    {
        foreach (IpPrefix block in node.PodBlocks)
        {
            if (node.AddressOf(block.IsV6) is { } address && _ways.Contains((block.Network, address))) return true;
        }

        foreach (IpPrefix address in node.Addresses)
        {
            if (_far.ContainsKey(Overlay.MacOf(address.Address))) return true;
        }

        return false;
    }

    /// <summary>Those nodes of a list that the kernel reaches by another block of the same family than the list says, with the block that is in force.</summary>
    /// <remarks>
    /// A node that was replaced by another of the same address while no agent ran looks the same, and is refused the same. A block that
    /// another node of the list has now has moved with that node: what the kernel says of it is out of date.
    /// </remarks>
    public IReadOnlyList<ClusterNode> Changed(IReadOnlyList<ClusterNode> nodes, string self)
    {
        var owners = new Dictionary<IpPrefix, string>();
        foreach (ClusterNode node in nodes)
        {
            foreach (IpPrefix block in node.PodBlocks) owners[block.Network] = node.Name;
        }

        var changed = new List<ClusterNode>();
        foreach (ClusterNode node in nodes)
        {
            if (node.Name == self) continue;
            List<IpPrefix> known = BlocksOf(node);
            known.RemoveAll(b => owners.TryGetValue(b, out string? owner) && owner != node.Name);
            IpPrefix[] now = [.. node.PodBlocks.Select(b => known.Find(k => k.IsV6 == b.IsV6) is { Length: > 0 } k ? k : b.Network)];
            if (now.Where((b, i) => b != node.PodBlocks[i].Network).Any()) changed.Add(node with { PodBlocks = now });
        }

        return changed;
    }

    private List<IpPrefix> BlocksOf(ClusterNode node)
    {
        List<IpPrefix> blocks = [];
        foreach (IpPrefix address in node.Addresses)
        {
            if (_near.TryGetValue(address.Address, out List<IpPrefix>? near)) blocks.AddRange(near);
            if (_far.TryGetValue(Overlay.MacOf(address.Address), out List<IpPrefix>? far)) blocks.AddRange(far);
        }

        // One that the list still has is the one meant, where an interrupted change left two.
        blocks.Sort((a, b) => node.PodBlocks.Contains(b).CompareTo(node.PodBlocks.Contains(a)));
        return blocks;
    }
}
