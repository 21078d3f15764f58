using Twill.Linux.Netlink;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft.Expressions;

/// <summary>Goes on with the rule only if the register compares so (as bytes, from the first).</summary>
public sealed record NftCmp(NftRegister Sreg, uint Op, NftBytes Value) : NftExpression
{
    public override string Name => "cmp";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_CMP_SREG, Sreg.Number);
        batch.U32Be(NFTA_CMP_OP, Op);
        NftData.Value(batch, NFTA_CMP_DATA, Value.Span);
    }
}

/// <summary>Goes on only if the register is inside (or with NFT_RANGE_NEQ outside) the range, both ends included.</summary>
public sealed record NftRange(NftRegister Sreg, uint Op, NftBytes From, NftBytes To) : NftExpression
{
    public override string Name => "range";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_RANGE_SREG, Sreg.Number);
        batch.U32Be(NFTA_RANGE_OP, Op);
        NftData.Value(batch, NFTA_RANGE_FROM_DATA, From.Span);
        NftData.Value(batch, NFTA_RANGE_TO_DATA, To.Span);
    }
}

/// <summary>dreg = (sreg &amp; mask) ^ xor.</summary>
public sealed record NftBitwise(NftRegister Sreg, NftRegister Dreg, NftBytes Mask, NftBytes Xor) : NftExpression
{
    public override string Name => "bitwise";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_BITWISE_SREG, Sreg.Number);
        batch.U32Be(NFTA_BITWISE_DREG, Dreg.Number);
        // NFTA_BITWISE_OP (5.6) is left out: NFT_BITWISE_MASK_XOR is what every kernel does without it.
        batch.U32Be(NFTA_BITWISE_LEN, (uint)Mask.Length);
        NftData.Value(batch, NFTA_BITWISE_MASK, Mask.Span);
        NftData.Value(batch, NFTA_BITWISE_XOR, Xor.Span);
    }
}

/// <param name="Op">NFT_BITWISE_LSHIFT or NFT_BITWISE_RSHIFT.</param>
/// <param name="Count">Bits, as 4 bytes in host order.</param>
public sealed record NftShift(NftRegister Sreg, NftRegister Dreg, uint Op, uint Length, NftBytes Count) : NftExpression
{
    public override string Name => "bitwise";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_BITWISE_SREG, Sreg.Number);
        batch.U32Be(NFTA_BITWISE_DREG, Dreg.Number);
        batch.U32Be(NFTA_BITWISE_OP, Op);
        batch.U32Be(NFTA_BITWISE_LEN, Length);
        NftData.Value(batch, NFTA_BITWISE_DATA, Count.Span);
    }
}

public sealed record NftByteorder(NftRegister Sreg, NftRegister Dreg, uint Op, uint Length, uint Size) : NftExpression
{
    public override string Name => "byteorder";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_BYTEORDER_SREG, Sreg.Number);
        batch.U32Be(NFTA_BYTEORDER_DREG, Dreg.Number);
        batch.U32Be(NFTA_BYTEORDER_OP, Op);
        batch.U32Be(NFTA_BYTEORDER_LEN, Length);
        batch.U32Be(NFTA_BYTEORDER_SIZE, Size);
    }
}

/// <summary>A constant into a register.</summary>
public sealed record NftImmediate(NftRegister Dreg, NftBytes Value) : NftExpression
{
    public override string Name => "immediate";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_IMMEDIATE_DREG, Dreg.Number);
        NftData.Value(batch, NFTA_IMMEDIATE_DATA, Value.Span);
    }
}

/// <summary>Decides: accept, drop, jump, ...</summary>
public sealed record NftDecide(NftVerdict Verdict) : NftExpression
{
    public override string Name => "immediate";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
        NftData.Verdict(batch, NFTA_IMMEDIATE_DATA, Verdict);
    }
}

/// <summary>Goes on only if the set has the key; of a map, loads the data, and of a verdict map decides by it.</summary>
/// <param name="SetId">The set's number inside the transaction that makes both, 0 for sets that exist.</param>
public sealed record NftLookup(string Set, NftRegister Sreg, NftRegister? Dreg = null, bool Inverted = false, uint SetId = 0) : NftExpression
{
    public override string Name => "lookup";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_LOOKUP_SREG, Sreg.Number);
        if (Dreg is { } dreg) batch.U32Be(NFTA_LOOKUP_DREG, dreg.Number);
        batch.String(NFTA_LOOKUP_SET, Set);
        if (SetId != 0) batch.U32Be(NFTA_LOOKUP_SET_ID, SetId);
        if (Inverted) batch.U32Be(NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
    }
}

/// <summary>Adds to a set from the packet. Like: update @recent { ip saddr timeout 30s }.</summary>
/// <param name="TimeoutMs">Milliseconds; 0: the set's own.</param>
public sealed record NftDynset(string Set, uint Op, NftRegister Key, NftRegister? Data = null, ulong TimeoutMs = 0, uint SetId = 0, NftExpression? Expression = null) : NftExpression
{
    public override string Name => "dynset";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_DYNSET_OP, Op);
        batch.U32Be(NFTA_DYNSET_SREG_KEY, Key.Number);
        if (Data is { } data) batch.U32Be(NFTA_DYNSET_SREG_DATA, data.Number);
        if (TimeoutMs != 0) batch.U64Be(NFTA_DYNSET_TIMEOUT, TimeoutMs);
        batch.String(NFTA_DYNSET_SET_NAME, Set);
        if (SetId != 0) batch.U32Be(NFTA_DYNSET_SET_ID, SetId);
        Expression?.Write(batch, NFTA_DYNSET_EXPR);
    }
}
