using Twill.Linux.Uapi;

namespace Twill.Linux.Nft;

/// <summary>A table: the unit of ownership. We write only into tables of our own.</summary>
/// <remarks>Like: nft add table inet twill.</remarks>
public sealed record NftTable(NftFamily Family, string Name)
{
    /// <summary>The largest name in bytes without its NUL.</summary>
    public const int MaxNameBytes = NfTablesUapi.NFT_NAME_MAXLEN - 1;

    public NftTableFlags Flags { get; init; }

    /// <summary>At most 127 bytes.</summary>
    public string? Comment { get; init; }

    /// <summary>The kernel's number; 0 unless read.</summary>
    public ulong Handle { get; init; }

    /// <summary>Chains, sets and objects inside; 0 unless read.</summary>
    public uint Use { get; init; }

    /// <summary>Netlink port of the socket that owns it; 0: nobody.</summary>
    public uint OwnerPort { get; init; }

    /// <summary>"inet twill".</summary>
    public override string ToString() => $"{Family.Keyword} {Name}";
}

[Flags]
public enum NftTableFlags : uint
{
    None = 0,

    /// <summary>Its base chains are not hooked in.</summary>
    Dormant = NfTablesUapi.NFT_TABLE_F_DORMANT,

    /// <summary>Only the socket that made it may change it, and it goes with that socket (5.12).</summary>
    Owner = NfTablesUapi.NFT_TABLE_F_OWNER,

    /// <summary>With Owner: stays when the socket goes, and another may take it over (6.9).</summary>
    Persist = NfTablesUapi.NFT_TABLE_F_PERSIST,
}
