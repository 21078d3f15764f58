using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.LoadBalancers;

/// <summary>In which order nodes stand for an address. Pure; the same on each node that knows the same nodes.</summary>
public static class Candidacy
{
    /// <summary>By the highest hash of address and node: each address has an order of its own, and a node that comes or goes changes nobody else's place but by one.</summary>
    /// <returns>This node's place, from 0; behind everybody if it is not in the list.</returns>
    public static int RankOf(IpAddress address, string node, IEnumerable<string> nodes)
    {
        int before = 0;
        (ulong, string) own = Key(node);
        foreach (string other in nodes)
        {
            if (other != node && Key(other).CompareTo(own) > 0) before++;
        }

        return before;

        (ulong Score, string Name) Key(string name) => (Mix(Hash64.Of($"{address} {name}")), name);
    }

    /// <summary>Where there is no place to agree: the first by name, whatever becomes of it.</summary>
    public static bool IsFirstByName(string node, IEnumerable<string> nodes) => nodes.All(n => string.CompareOrdinal(node, n) <= 0);

    /// <summary>Texts that differ in their last letter only have hashes with equal high bits; this spreads them. Source: splitmix64.</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }
}
