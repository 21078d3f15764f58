using Twill.Linux.Route;

namespace Twill.Fabric.Ipam;

/// <summary>Ranges of one family that stand for each other: a pod gets one address from the set.</summary>
public sealed class RangeSet
{
    private RangeSet(AddressRange[] ranges) => Ranges = ranges;

    public IReadOnlyList<AddressRange> Ranges { get; }

    public bool IsV6 => Ranges[0].Subnet.IsV6;

    /// <exception cref="FabricException">Empty, of both families, or with overlapping ranges.</exception>
    public static RangeSet Create(IReadOnlyList<AddressRange> ranges)
    {
        if (ranges.Count == 0) throw new FabricException(FabricFault.Configuration, "a range set is empty: it needs at least one range with a subnet");
        for (int i = 0; i < ranges.Count; i++)
        {
            if (ranges[i].Subnet.IsV6 != ranges[0].Subnet.IsV6) throw new FabricException(FabricFault.Configuration, $"one range set mixes families: {ranges[0].Subnet} and {ranges[i].Subnet}; give each family a set of its own");
            for (int j = 0; j < i; j++)
            {
                if (ranges[j].First <= ranges[i].Last && ranges[i].First <= ranges[j].Last) throw new FabricException(FabricFault.Configuration, $"ranges overlap: {ranges[j].First}-{ranges[j].Last} and {ranges[i].First}-{ranges[i].Last}");
            }
        }

        return new RangeSet([.. ranges]);
    }

    /// <summary>The range that an address belongs to; null where none of this set.</summary>
    public AddressRange? RangeOf(IpAddress address)
    {
        foreach (AddressRange range in Ranges)
        {
            if (range.Subnet.Contains(address)) return range;
        }

        return null;
    }

    /// <summary>The next usable address after <paramref name="previous"/>, round and round; null where the set has no usable address.</summary>
    /// <param name="previous">The last one given out; null or foreign: start at the beginning.</param>
    public (IpAddress Address, AddressRange Range)? After(IpAddress? previous)
    {
        int start = 0;
        IpAddress from = Ranges[0].First;
        for (int i = 0; previous is { } p && i < Ranges.Count; i++)
        {
            if (p.IsV6 != IsV6 || p < Ranges[i].First || p > Ranges[i].Last) continue;
            start = i;
            from = p with { Value = p.Value + UInt128.One };
            break;
        }

        // Once round: the rest of the starting range, every other range, and the starting range from its beginning.
        for (int i = 0; i <= Ranges.Count; i++)
        {
            AddressRange range = Ranges[(start + i) % Ranges.Count];
            if (range.UsableFrom(i == 0 ? from : range.First) is { } address) return (address, range);
        }

        return null;
    }

    /// <summary>Addresses that pods can get.</summary>
    public UInt128 CountUsable()
    {
        UInt128 count = 0;
        foreach (AddressRange range in Ranges) count += range.CountUsable();
        return count;
    }

    public override string ToString() => string.Join(", ", Ranges);
}
