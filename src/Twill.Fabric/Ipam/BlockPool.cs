using Twill.Linux.Route;

namespace Twill.Fabric.Ipam;

/// <summary>A part of the cluster's addresses that is divided among nodes in blocks of one size. Pure; who has which is the registry's business.</summary>
public sealed class BlockPool
{
    /// <summary>Blocks are counted in 32 bits: an IPv6 /32 in blocks of /64 is the largest.</summary>
    public const int MaxIndexBits = 32;

    /// <summary>Free blocks among which somebody who lost a race chooses: few enough to stay near the beginning, many enough not to meet again.</summary>
    internal const int Spread = 1024;

    private BlockPool(IpPrefix cidr, int blockLength, IpPrefix[] reserved)
    {
        Cidr = cidr;
        BlockLength = blockLength;
        Reserved = reserved;
    }

    public IpPrefix Cidr { get; }

    /// <summary>Prefix length of every block.</summary>
    public int BlockLength { get; }

    /// <summary>Never given out: a block that shares one address with any of these stays unused.</summary>
    public IReadOnlyList<IpPrefix> Reserved { get; }

    /// <summary>Blocks, with the reserved ones.</summary>
    public ulong Count => 1UL << (BlockLength - Cidr.Length);

    /// <exception cref="FabricException">Host bits, a size that does not fit, or a reservation elsewhere.</exception>
    public static BlockPool Create(IpPrefix cidr, int blockLength, IReadOnlyList<IpPrefix>? reserved = null)
    {
        if (cidr.Network != cidr) throw Bad($"cluster range {cidr} has host bits set; the network is {cidr.Network}");
        if (blockLength < cidr.Length || blockLength > cidr.Address.Bits - 2) throw Bad($"blocks of /{blockLength} do not fit cluster range {cidr}: choose a length from {cidr.Length} to {cidr.Address.Bits - 2}");
        if (blockLength - cidr.Length > MaxIndexBits) throw Bad($"cluster range {cidr} has more than 2^{MaxIndexBits} blocks of /{blockLength}: choose /{cidr.Length + MaxIndexBits} or larger blocks, or a smaller range");
        foreach (IpPrefix prefix in reserved ?? [])
        {
            if (!cidr.Overlaps(prefix)) throw Bad($"reservation {prefix} is not in cluster range {cidr}: remove it");
        }

        return new BlockPool(cidr, blockLength, [.. reserved ?? []]);

        static FabricException Bad(string message) => new(FabricFault.Configuration, message);
    }

    public IpPrefix this[ulong index] => new(Cidr.Address with { Value = Cidr.Address.Value + ((UInt128)index << BlockBits) }, BlockLength);

    /// <summary>A free block: overlaps neither a reservation nor anything taken, whatever the taken blocks' sizes.</summary>
    /// <param name="taken">In any order, overlapping or not, of either family, inside or outside.</param>
    /// <param name="skip">0: the lowest. Else this many free blocks further, round and round among the first <see cref="Spread"/>.</param>
    /// <returns>Null: none is left.</returns>
    public IpPrefix? Choose(IEnumerable<IpPrefix> taken, ulong skip = 0)
    {
        List<(ulong First, ulong Last)> runs = Occupied(taken);
        ulong free = Count;
        foreach ((ulong first, ulong last) in runs) free -= last - first + 1;
        if (free == 0) return null;
        ulong left = skip % Math.Min(free, Spread), next = 0;
        foreach ((ulong first, ulong last) in runs)
        {
            if (left < first - next) break;
            left -= first - next;
            next = last + 1;
        }

        return this[next + left];
    }

    /// <summary>Why this block cannot be had from this pool, others' claims aside; null: it can.</summary>
    public string? WhyNot(IpPrefix block)
    {
        if (block.Network != block) return $"it has host bits set; the network is {block.Network}";
        if (block.Length != BlockLength || !Cidr.Contains(block.First)) return $"it is no /{BlockLength} of {Cidr}";
        foreach (IpPrefix prefix in Reserved)
        {
            if (prefix.Overlaps(block)) return $"{prefix} is reserved";
        }

        return null;
    }

    /// <summary>Blocks nobody has, reserved ones not counted.</summary>
    public ulong CountFree(IEnumerable<IpPrefix> taken)
    {
        ulong free = Count;
        foreach ((ulong first, ulong last) in Occupied(taken)) free -= last - first + 1;
        return free;
    }

    public override string ToString() => $"{Cidr} in /{BlockLength}";

    private int BlockBits => Cidr.Address.Bits - BlockLength;

    /// <summary>Indexes that are not free, as runs in ascending order that neither touch nor overlap.</summary>
    private List<(ulong First, ulong Last)> Occupied(IEnumerable<IpPrefix> taken)
    {
        var all = new List<(ulong First, ulong Last)>();
        foreach (IpPrefix prefix in taken.Concat(Reserved))
        {
            if (!Cidr.Overlaps(prefix)) continue;
            all.Add(prefix.Length <= Cidr.Length ? (0, Count - 1) : (Index(prefix.First), Index(prefix.Last)));
        }

        all.Sort();
        var runs = new List<(ulong First, ulong Last)>();
        foreach ((ulong first, ulong last) in all)
        {
            if (runs.Count > 0 && first <= runs[^1].Last + 1) runs[^1] = (runs[^1].First, Math.Max(runs[^1].Last, last));
            else runs.Add((first, last));
        }

        return runs;
    }

    private ulong Index(IpAddress address) => (ulong)((address.Value - Cidr.Address.Value) >> BlockBits);
}
