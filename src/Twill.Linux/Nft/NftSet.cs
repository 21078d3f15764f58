using Twill.Linux.Uapi;

namespace Twill.Linux.Nft;

/// <summary>A set, a map or a verdict map.</summary>
/// <remarks>Like: nft add map inet twill services { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }.</remarks>
public sealed record NftSet(NftTable Table, string Name, NftType Key)
{
    /// <summary>What a key maps to; null for a set. <see cref="NftType.Verdict"/> makes a verdict map.</summary>
    public NftType? Data { get; init; }

    /// <summary>What nft shall say and compare instead of the types; for nft only, not read back. A map needs both.</summary>
    public NftExample? KeyExample { get; init; }

    /// <inheritdoc cref="KeyExample"/>
    public NftExample? DataExample { get; init; }

    /// <summary>Keys are ranges and prefixes.</summary>
    public bool Interval { get; init; }

    /// <summary>Elements may have a time to live of their own. <see cref="TimeoutMs"/> implies it.</summary>
    public bool Timeout { get; init; }

    /// <summary>Default time to live in milliseconds; 0: for ever.</summary>
    public ulong TimeoutMs { get; init; }

    /// <summary>Rules may add elements (update @set).</summary>
    public bool Dynamic { get; init; }

    /// <summary>May not change once a rule uses it.</summary>
    public bool Constant { get; init; }

    /// <summary>nft's auto-merge, a word for nft only: we never merge.</summary>
    public bool AutoMerge { get; init; }

    /// <summary>Every element counts its packets.</summary>
    public bool Counter { get; init; }

    /// <summary>Most elements it may hold; 0: no limit.</summary>
    public uint Size { get; init; }

    public string? Comment { get; init; }

    /// <summary>The kernel's number; 0 unless read.</summary>
    public ulong Handle { get; init; }

    /// <summary>Made for one rule, gone with it.</summary>
    internal bool Anonymous { get; init; }

    /// <summary>Bits of NFTA_SET_FLAGS that no property stands for; only when read.</summary>
    internal uint OtherFlags { get; init; }

    public bool IsMap => Data is not null;

    /// <summary>Ranges of concatenations are stored as two keys in one element; other ranges as two elements.</summary>
    internal bool RangesInElement => Interval && Key.IsConcatenation;

    internal uint KernelFlags => OtherFlags
        | (Anonymous ? NfTablesUapi.NFT_SET_ANONYMOUS : 0)
        | (Constant ? NfTablesUapi.NFT_SET_CONSTANT : 0)
        | (Interval ? NfTablesUapi.NFT_SET_INTERVAL : 0)
        | (IsMap ? NfTablesUapi.NFT_SET_MAP : 0)
        | (Timeout || TimeoutMs != 0 ? NfTablesUapi.NFT_SET_TIMEOUT : 0)
        | (Dynamic ? NfTablesUapi.NFT_SET_EVAL : 0)
        | (RangesInElement ? NfTablesUapi.NFT_SET_CONCAT : 0);

    /// <summary>"inet twill services".</summary>
    public override string ToString() => $"{Table} {Name}";
}
