using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Nft;

/// <summary>A register by its wire number, in the one spelling that nft and the kernel's dumps use.</summary>
/// <remarks>
/// 16 words of 4 bytes. A word that begins a 16-byte register is named by the old number (NFT_REG_1 to 4), the others by
/// NFT_REG32_xx; both name the same storage. Number 0 is the verdict.
/// Source: enum nft_registers; nft_dump_register in net/netfilter/nf_tables_api.c.
/// </remarks>
public readonly record struct NftRegister
{
    private NftRegister(uint number) => Number = number;

    public uint Number { get; }

    public static NftRegister Verdict => default;

    /// <summary>The first data register.</summary>
    public static NftRegister First => OfWord(0);

    /// <param name="word">0 to 15.</param>
    public static NftRegister OfWord(int word) => (uint)word > 15
        ? throw new ArgumentOutOfRangeException(nameof(word), word, "nftables has 16 registers of 4 bytes")
        : new NftRegister((uint)(word % 4 == 0 ? NfTablesUapi.NFT_REG_1 + (word / 4) : NfTablesUapi.NFT_REG32_00 + word));

    /// <summary>The register so many bytes further.</summary>
    internal NftRegister Plus(int bytes) => OfWord(Word + ((bytes + 3) / 4));

    internal int Word => (int)(Number < NfTablesUapi.NFT_REG32_00 ? (Number - 1) * 4 : Number - NfTablesUapi.NFT_REG32_00);

    internal static NftRegister Read(in AttributeReader attribute)
    {
        uint number = attribute.U32Be();
        return number is >= NfTablesUapi.NFT_REG32_00 and <= NfTablesUapi.NFT_REG32_15 ? OfWord((int)(number - NfTablesUapi.NFT_REG32_00)) : new NftRegister(number);
    }

    public override string ToString() => $"reg {Number}";
}
