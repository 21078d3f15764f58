using Twill.Linux.Netlink;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft.Expressions;

internal static partial class NftExpressionReader
{
    private static NftCmp Cmp(AttributeReader data)
    {
        NftRegister sreg = default;
        uint op = 0;
        NftBytes value = default;
        while (data.Next())
        {
            if (data.Type == NFTA_CMP_SREG) sreg = NftRegister.Read(data);
            else if (data.Type == NFTA_CMP_OP) op = data.U32Be();
            else if (data.Type == NFTA_CMP_DATA) value = NftData.Value(data);
        }

        return new NftCmp(sreg, op, value);
    }

    private static NftRange Range(AttributeReader data)
    {
        NftRegister sreg = default;
        uint op = 0;
        NftBytes from = default, to = default;
        while (data.Next())
        {
            switch (data.Type)
            {
                case NFTA_RANGE_SREG: sreg = NftRegister.Read(data); break;
                case NFTA_RANGE_OP: op = data.U32Be(); break;
                case NFTA_RANGE_FROM_DATA: from = NftData.Value(data); break;
                case NFTA_RANGE_TO_DATA: to = NftData.Value(data); break;
            }
        }

        return new NftRange(sreg, op, from, to);
    }

    /// <summary>Null for the operations with a second register (6.13): they stay unknown.</summary>
    private static NftExpression? Bitwise(AttributeReader data)
    {
        NftRegister sreg = default, dreg = default;
        uint op = NFT_BITWISE_MASK_XOR, length = 0;
        NftBytes mask = default, xor = default, count = default;
        while (data.Next())
        {
            switch (data.Type)
            {
                case NFTA_BITWISE_SREG: sreg = NftRegister.Read(data); break;
                case NFTA_BITWISE_DREG: dreg = NftRegister.Read(data); break;
                case NFTA_BITWISE_OP: op = data.U32Be(); break;
                case NFTA_BITWISE_LEN: length = data.U32Be(); break;
                case NFTA_BITWISE_MASK: mask = NftData.Value(data); break;
                case NFTA_BITWISE_XOR: xor = NftData.Value(data); break;
                case NFTA_BITWISE_DATA: count = NftData.Value(data); break;
            }
        }

        return op switch
        {
            NFT_BITWISE_MASK_XOR => new NftBitwise(sreg, dreg, mask, xor),
            NFT_BITWISE_LSHIFT or NFT_BITWISE_RSHIFT => new NftShift(sreg, dreg, op, length, count),
            _ => null,
        };
    }

    private static NftByteorder Byteorder(AttributeReader data)
    {
        NftRegister sreg = default, dreg = default;
        uint op = 0, length = 0, size = 0;
        while (data.Next())
        {
            switch (data.Type)
            {
                case NFTA_BYTEORDER_SREG: sreg = NftRegister.Read(data); break;
                case NFTA_BYTEORDER_DREG: dreg = NftRegister.Read(data); break;
                case NFTA_BYTEORDER_OP: op = data.U32Be(); break;
                case NFTA_BYTEORDER_LEN: length = data.U32Be(); break;
                case NFTA_BYTEORDER_SIZE: size = data.U32Be(); break;
            }
        }

        return new NftByteorder(sreg, dreg, op, length, size);
    }

    private static NftExpression Immediate(AttributeReader data)
    {
        NftRegister dreg = default;
        NftBytes value = default;
        NftVerdict? verdict = null;
        while (data.Next())
        {
            if (data.Type == NFTA_IMMEDIATE_DREG) dreg = NftRegister.Read(data);
            else if (data.Type == NFTA_IMMEDIATE_DATA) value = NftData.Read(data, out verdict);
        }

        return verdict is { } decided ? new NftDecide(decided) : new NftImmediate(dreg, value);
    }

    private static NftLookup Lookup(AttributeReader data)
    {
        NftRegister sreg = default;
        NftRegister? dreg = null;
        string set = "";
        uint flags = 0;
        while (data.Next())
        {
            switch (data.Type)
            {
                case NFTA_LOOKUP_SREG: sreg = NftRegister.Read(data); break;
                case NFTA_LOOKUP_DREG: dreg = NftRegister.Read(data); break;
                case NFTA_LOOKUP_SET: set = data.String(); break;
                case NFTA_LOOKUP_FLAGS: flags = data.U32Be(); break;
            }
        }

        return new NftLookup(set, sreg, dreg, (flags & NFT_LOOKUP_F_INV) != 0);
    }

    private static NftDynset Dynset(AttributeReader data)
    {
        NftRegister key = default;
        NftRegister? value = null;
        string set = "";
        uint op = 0;
        ulong timeoutMs = 0;
        NftExpression? expression = null;
        while (data.Next())
        {
            switch (data.Type)
            {
                case NFTA_DYNSET_SREG_KEY: key = NftRegister.Read(data); break;
                case NFTA_DYNSET_SREG_DATA: value = NftRegister.Read(data); break;
                case NFTA_DYNSET_SET_NAME: set = data.String(); break;
                case NFTA_DYNSET_OP: op = data.U32Be(); break;
                case NFTA_DYNSET_TIMEOUT: timeoutMs = data.U64Be(); break;
                case NFTA_DYNSET_EXPR: expression = Read(data.Nested(), true); break;
            }
        }

        return new NftDynset(set, op, key, value, timeoutMs, 0, expression);
    }
}
