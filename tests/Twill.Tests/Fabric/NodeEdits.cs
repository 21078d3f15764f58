using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Tests.Fabric;

/// <summary>Lists of nodes as they follow one another: most edits are sound, some contradict what is there, some go back.</summary>
internal sealed class NodeEdits(Random random)
{
    private const int Most = 14;

    /// <summary>Node 0 is this node. Near where its address is in 192.168.0.0/16.</summary>
    internal static ClusterNode Regular(int number) => new()
    {
        Name = $"n{number:00}",
        Addresses = [new IpPrefix(new IpAddress(IpAddress.Parse("192.168.0.1").Value + (uint)number, false), 16), new IpPrefix(new IpAddress(IpAddress.Parse("fd01::1").Value + (uint)number, true), 64)],
        PodBlocks = [new IpPrefix(new IpAddress(IpAddress.Parse("10.244.0.0").Value + ((uint)number << 8), false), 24), new IpPrefix(new IpAddress(IpAddress.Parse("fd00:1::").Value + ((UInt128)(uint)number << 64), true), 64)],
    };

    internal IReadOnlyList<ClusterNode> First() => [.. Enumerable.Range(0, 1 + random.Next(6)).Select(Regular)];

    internal IReadOnlyList<ClusterNode> Next(IReadOnlyList<ClusterNode> nodes)
    {
        List<ClusterNode> next = [.. nodes];
        int edits = 1 + (random.Next(4) == 0 ? random.Next(4) : 0);
        for (int i = 0; i < edits; i++) Edit(next);
        return next;
    }

    private void Edit(List<ClusterNode> nodes)
    {
        int at = nodes.Count > 1 ? 1 + random.Next(nodes.Count - 1) : 0;
        switch (random.Next(20))
        {
            case 0 or 1 or 2 or 3 or 4 when nodes.Count < Most: Add(nodes, Regular(1 + random.Next(Most))); break;
            case 5 or 6 or 7 when at > 0: nodes.RemoveAt(at); break;
            case 8 or 9 when at > 0: nodes[at] = Regular(int.Parse(nodes[at].Name[1..])); break;
            case 10 when at > 0: nodes[at] = nodes[at] with { PodBlocks = [Block(), .. nodes[at].PodBlocks.Where(b => b.IsV6)] }; break;
            case 11 when at > 0: nodes[at] = nodes[at] with { Addresses = [Address(), .. nodes[at].Addresses.Where(a => a.IsV6)] }; break;
            case 12 when at > 0: nodes[at] = nodes[at] with { Addresses = [.. nodes[at].Addresses.Where(a => a.IsV6 == (random.Next(2) == 0))] }; break;
            case 13 when at > 0: nodes[at] = nodes[at] with { PodBlocks = [] }; break;
            case 14 when at > 0 && nodes.Count < Most: nodes.Insert(random.Next(nodes.Count + 1), nodes[at] with { PodBlocks = random.Next(2) == 0 ? nodes[at].PodBlocks : [Block()] }); break; // a second one of its name
            case 15 when at > 0 && nodes.Count < Most: nodes.Add(nodes[at]); break; // even the same object
            case 16: nodes[0] = nodes[0].Name == "n00" && random.Next(2) == 0 ? nodes[0] with { Addresses = [Address(), .. nodes[0].Addresses.Where(a => a.IsV6)] } : Regular(0); break;
            case 17 when at > 0: (nodes[at], nodes[^1]) = (nodes[^1], nodes[at]); break; // another order
            case 18: for (int i = 0; i < nodes.Count; i++) nodes[i] = nodes[i] with { Name = nodes[i].Name }; break; // all read again
            case 19 when nodes.Count > 2: // two change places
                (nodes[1], nodes[2]) = (nodes[1] with { Addresses = nodes[2].Addresses }, nodes[2] with { Addresses = nodes[1].Addresses });
                break;
            default: break;
        }
    }

    private static void Add(List<ClusterNode> nodes, ClusterNode node)
    {
        int at = nodes.FindIndex(n => string.CompareOrdinal(n.Name, node.Name) > 0);
        nodes.Insert(at < 0 ? nodes.Count : at, node);
    }

    /// <summary>Often somebody's already, near or far, now and then inside a block.</summary>
    private IpPrefix Address() => random.Next(8) == 0
        ? new IpPrefix(new IpAddress(IpAddress.Parse("10.244.0.9").Value + ((uint)random.Next(Most) << 8), false), 32)
        : new IpPrefix(new IpAddress(IpAddress.Parse(random.Next(2) == 0 ? "192.168.0.1" : "172.31.0.1").Value + (uint)random.Next(Most), false), random.Next(3) == 0 ? 32 : 16);

    /// <summary>Of several lengths, over one another.</summary>
    private IpPrefix Block() => new IpPrefix(new IpAddress(IpAddress.Parse(random.Next(10) == 0 ? "192.168.0.0" : "10.244.0.0").Value + ((uint)random.Next(4096) << 1), false), 22 + random.Next(8)).Network;
}
