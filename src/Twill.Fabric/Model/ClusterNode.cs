using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>A node as every other node sees it.</summary>
public sealed record ClusterNode
{
    public required string Name { get; init; }

    /// <summary>On the shared link, with the link's prefix length; one of each family at most.</summary>
    public required IReadOnlyList<IpPrefix> Addresses { get; init; }

    /// <summary>Whose addresses this node gives to its pods.</summary>
    public required IReadOnlyList<IpPrefix> PodBlocks { get; init; }

    public IpAddress? AddressOf(bool v6)
    {
        foreach (IpPrefix address in Addresses)
        {
            if (address.IsV6 == v6) return address.Address;
        }

        return null;
    }
}
