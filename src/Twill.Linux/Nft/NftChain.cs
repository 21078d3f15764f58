namespace Twill.Linux.Nft;

/// <summary>A list of rules; with a hook a base chain, which packets enter by themselves.</summary>
/// <remarks>Like: nft add chain inet twill postrouting { type nat hook postrouting priority srcnat; }.</remarks>
public sealed record NftChain(NftTable Table, string Name)
{
    /// <summary>Null: a regular chain, entered by jump and goto only.</summary>
    public NftHook? Hook { get; init; }

    /// <summary>Accept or Drop, of base chains only; null: accept.</summary>
    public NftVerdict? Policy { get; init; }

    /// <summary>At most 127 bytes.</summary>
    public string? Comment { get; init; }

    /// <summary>The kernel's number; 0 unless read.</summary>
    public ulong Handle { get; init; }

    /// <summary>Rules and jumps that use it; 0 unless read.</summary>
    public uint Use { get; init; }

    /// <summary>"inet twill postrouting".</summary>
    public override string ToString() => $"{Table} {Name}";
}
