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

    public IpAddress? AddressOf(bool v6) => PrefixOf(v6)?.Address;

    public IpPrefix? PrefixOf(bool v6)
    {
        foreach (IpPrefix address in Addresses)
        {
            if (address.IsV6 == v6) return address;
        }

        return null;
    }

    public IpPrefix? BlockOf(bool v6)
    {
        foreach (IpPrefix block in PodBlocks)
        {
            if (block.IsV6 == v6) return block;
        }

        return null;
    }

    /// <summary>Whether it has an address or a block of the family.</summary>
    public bool Speaks(bool v6) => PrefixOf(v6) is not null || BlockOf(v6) is not null;

    public bool HasBlocksOf(ClusterNode other) => PodBlocks.SequenceEqual(other.PodBlocks);

    /// <summary>By content; the record's own comparison looks at the lists' identity.</summary>
    public bool IsSame(ClusterNode other) => Name == other.Name && Addresses.SequenceEqual(other.Addresses) && HasBlocksOf(other);
}
