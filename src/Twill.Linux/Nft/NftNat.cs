using Twill.Linux.Uapi;

namespace Twill.Linux.Nft;

/// <summary>How a translation chooses its port.</summary>
[Flags]
public enum NftNatFlags : uint
{
    None = 0,

    /// <summary>Ports by a hash of the connection.</summary>
    Random = NfTablesUapi.NF_NAT_RANGE_PROTO_RANDOM,

    /// <summary>The same source gets the same address.</summary>
    Persistent = NfTablesUapi.NF_NAT_RANGE_PERSISTENT,

    /// <summary>Ports by the kernel's random numbers: fewest clashes of simultaneous connections.</summary>
    FullyRandom = NfTablesUapi.NF_NAT_RANGE_PROTO_RANDOM_FULLY,
}

/// <summary>Ports from First to Last, both included.</summary>
public readonly record struct NftPortRange(ushort First, ushort Last)
{
    public NftPortRange(ushort port)
        : this(port, port)
    {
    }

    public override string ToString() => First == Last ? First.ToString() : $"{First}-{Last}";
}
