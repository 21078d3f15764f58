using Twill.Linux.Netlink;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft.Expressions;

/// <summary>Bytes of the packet into a register.</summary>
/// <param name="Base">NFT_PAYLOAD_LL_HEADER, NETWORK_HEADER, TRANSPORT_HEADER.</param>
public sealed record NftPayload(NftRegister Dreg, uint Base, uint Offset, uint Length) : NftExpression
{
    public override string Name => "payload";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_PAYLOAD_DREG, Dreg.Number);
        batch.U32Be(NFTA_PAYLOAD_BASE, Base);
        batch.U32Be(NFTA_PAYLOAD_OFFSET, Offset);
        batch.U32Be(NFTA_PAYLOAD_LEN, Length);
    }
}

/// <summary>A register into the packet, with its checksum mended.</summary>
public sealed record NftPayloadSet(NftRegister Sreg, uint Base, uint Offset, uint Length, uint ChecksumType = NFT_PAYLOAD_CSUM_NONE, uint ChecksumOffset = 0, uint ChecksumFlags = 0) : NftExpression
{
    public override string Name => "payload";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_PAYLOAD_SREG, Sreg.Number);
        batch.U32Be(NFTA_PAYLOAD_BASE, Base);
        batch.U32Be(NFTA_PAYLOAD_OFFSET, Offset);
        batch.U32Be(NFTA_PAYLOAD_LEN, Length);
        batch.U32Be(NFTA_PAYLOAD_CSUM_TYPE, ChecksumType);
        batch.U32Be(NFTA_PAYLOAD_CSUM_OFFSET, ChecksumOffset);
        if (ChecksumFlags != 0) batch.U32Be(NFTA_PAYLOAD_CSUM_FLAGS, ChecksumFlags);
    }
}

/// <summary>What the kernel knows beside the packet's bytes: interface, mark, protocol.</summary>
public sealed record NftMeta(uint Key, NftRegister Dreg) : NftExpression
{
    public override string Name => "meta";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_META_KEY, Key);
        batch.U32Be(NFTA_META_DREG, Dreg.Number);
    }
}

/// <summary>Like: meta mark set 0x1, meta nftrace set 1.</summary>
public sealed record NftMetaSet(uint Key, NftRegister Sreg) : NftExpression
{
    public override string Name => "meta";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_META_KEY, Key);
        batch.U32Be(NFTA_META_SREG, Sreg.Number);
    }
}

/// <param name="Direction">0 original, 1 reply; null where the key has none.</param>
public sealed record NftCt(uint Key, NftRegister Dreg, byte? Direction = null) : NftExpression
{
    public override string Name => "ct";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_CT_KEY, Key);
        batch.U32Be(NFTA_CT_DREG, Dreg.Number);
        if (Direction is { } direction) batch.U8(NFTA_CT_DIRECTION, direction);
    }
}

public sealed record NftCtSet(uint Key, NftRegister Sreg, byte? Direction = null) : NftExpression
{
    public override string Name => "ct";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_CT_KEY, Key);
        batch.U32Be(NFTA_CT_SREG, Sreg.Number);
        if (Direction is { } direction) batch.U8(NFTA_CT_DIRECTION, direction);
    }
}

/// <summary>A route look-up. Like: fib daddr type local.</summary>
public sealed record NftFib(NftRegister Dreg, uint Result, uint Flags) : NftExpression
{
    public override string Name => "fib";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_FIB_FLAGS, Flags);
        batch.U32Be(NFTA_FIB_RESULT, Result);
        batch.U32Be(NFTA_FIB_DREG, Dreg.Number);
    }
}

/// <summary>What the route of the packet says. Like: rt mtu.</summary>
public sealed record NftRt(uint Key, NftRegister Dreg) : NftExpression
{
    public override string Name => "rt";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_RT_KEY, Key);
        batch.U32Be(NFTA_RT_DREG, Dreg.Number);
    }
}

public sealed record NftSocketMatch(uint Key, NftRegister Dreg, uint? Level = null) : NftExpression
{
    public override string Name => "socket";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_SOCKET_KEY, Key);
        batch.U32Be(NFTA_SOCKET_DREG, Dreg.Number);
        if (Level is { } level) batch.U32Be(NFTA_SOCKET_LEVEL, level);
    }
}

/// <summary>Like: numgen random mod 3, numgen inc mod 3.</summary>
public sealed record NftNumgen(NftRegister Dreg, uint Modulus, uint Type, uint Offset = 0) : NftExpression
{
    public override string Name => "numgen";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_NG_DREG, Dreg.Number);
        batch.U32Be(NFTA_NG_MODULUS, Modulus);
        batch.U32Be(NFTA_NG_TYPE, Type);
        batch.U32Be(NFTA_NG_OFFSET, Offset);
    }
}

/// <summary>Like: jhash ip saddr mod 3 seed 0x1, symhash mod 3.</summary>
/// <param name="Sreg">Null for symhash.</param>
/// <param name="Seed">Null: the kernel draws one.</param>
public sealed record NftHash(uint Type, NftRegister? Sreg, NftRegister Dreg, uint Length, uint Modulus, uint? Seed = null, uint Offset = 0) : NftExpression
{
    public override string Name => "hash";

    internal override void WriteData(NetlinkBatch batch)
    {
        if (Sreg is { } sreg) batch.U32Be(NFTA_HASH_SREG, sreg.Number);
        batch.U32Be(NFTA_HASH_DREG, Dreg.Number);
        if (Length != 0) batch.U32Be(NFTA_HASH_LEN, Length);
        batch.U32Be(NFTA_HASH_MODULUS, Modulus);
        if (Seed is { } seed) batch.U32Be(NFTA_HASH_SEED, seed);
        if (Offset != 0) batch.U32Be(NFTA_HASH_OFFSET, Offset);
        batch.U32Be(NFTA_HASH_TYPE, Type);
    }
}
