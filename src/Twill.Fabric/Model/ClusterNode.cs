using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>A node as every other node sees it.</summary>
public sealed record ClusterNode
{
    public required string Name { get; init; }

    /// <summary>One of each family at most, with the length of its link's prefix; the full length where nobody told it.</summary>
    public required IReadOnlyList<IpPrefix> Addresses { get; init; }

    /// <summary>Whose addresses this node gives to its pods.</summary>
    public required IReadOnlyList<IpPrefix> PodBlocks { get; init; }

    /// <summary>Where it stands, for services that prefer what is near; null: nobody said.</summary>
    public string? Zone { get; init; }

    public IpAddress? AddressOf(bool v6) => PrefixOf(v6)?.Address;

    public IpPrefix? PrefixOf(bool v6) => FirstOf(Addresses, v6);

    public IpPrefix? BlockOf(bool v6) => FirstOf(PodBlocks, v6);

    /// <summary>Whether it has an address or a block of the family.</summary>
    public bool Speaks(bool v6) => PrefixOf(v6) is not null || BlockOf(v6) is not null;

    public bool HasBlocksOf(ClusterNode other) => AreSame(PodBlocks, other.PodBlocks);

    /// <summary>By content; the record's own comparison looks at the lists' identity.</summary>
    public bool IsSame(ClusterNode other) => ReferenceEquals(this, other) || (Name == other.Name && AreSame(Addresses, other.Addresses) && HasBlocksOf(other));

    // By index: thousands of nodes are compared with each change of one, and an enumerator for each list is the dearest part of it.
    internal static bool AreSame(IReadOnlyList<IpPrefix> one, IReadOnlyList<IpPrefix> other)
    {
        if (one.Count != other.Count) return false;
        for (int i = 0; i < one.Count; i++)
        {
            if (one[i] != other[i]) return false;
        }

        return true;
    }

    private static IpPrefix? FirstOf(IReadOnlyList<IpPrefix> prefixes, bool v6)
    {
        for (int i = 0; i < prefixes.Count; i++)
        {
            if (prefixes[i].IsV6 == v6) return prefixes[i];
        }

        return null;
    }
}
