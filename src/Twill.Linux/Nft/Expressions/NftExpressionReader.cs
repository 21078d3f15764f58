using Twill.Linux.Netlink;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft.Expressions;

/// <summary>Reads expressions as the kernel dumps them. What it does not know comes back as <see cref="NftUnknown"/>, byte for byte.</summary>
internal static partial class NftExpressionReader
{
    private const uint ImpliedNatFlags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED;

    /// <summary>NFTA_RULE_EXPRESSIONS: a list of NFTA_LIST_ELEM.</summary>
    internal static void ReadList(AttributeReader list, List<NftExpression> into)
    {
        while (list.Next())
        {
            if (list.Type == NFTA_LIST_ELEM) into.Add(Read(list.Nested()));
        }
    }

    /// <summary>The inside of NFTA_LIST_ELEM or NFTA_SET_EXPR: name and data.</summary>
    /// <param name="inner">Inside another expression. One more inside that is kept as bytes: a message cannot make us recurse.</param>
    internal static NftExpression Read(AttributeReader element, bool inner = false)
    {
        ReadOnlySpan<byte> name = default;
        ReadOnlySpan<byte> data = default;
        while (element.Next())
        {
            if (element.Type == NFTA_EXPR_NAME) name = element.StringBytes();
            else if (element.Type == NFTA_EXPR_DATA) data = element.Payload;
        }

        NftExpression? known = inner && name.SequenceEqual("dynset"u8) ? null : Known(name, new AttributeReader(data));
        return known ?? new NftUnknown(System.Text.Encoding.UTF8.GetString(name), new NftBytes(data));
    }

    private static NftExpression? Known(ReadOnlySpan<byte> name, AttributeReader data) => name switch
    {
        _ when name.SequenceEqual("payload"u8) => Payload(data),
        _ when name.SequenceEqual("meta"u8) => Meta(data),
        _ when name.SequenceEqual("cmp"u8) => Cmp(data),
        _ when name.SequenceEqual("bitwise"u8) => Bitwise(data),
        _ when name.SequenceEqual("lookup"u8) => Lookup(data),
        _ when name.SequenceEqual("immediate"u8) => Immediate(data),
        _ when name.SequenceEqual("counter"u8) => Counter(data),
        _ when name.SequenceEqual("ct"u8) => Ct(data),
        _ when name.SequenceEqual("nat"u8) => Nat(data),
        _ when name.SequenceEqual("masq"u8) => Masquerade(data),
        _ when name.SequenceEqual("redir"u8) => Redirect(data),
        _ when name.SequenceEqual("limit"u8) => Limit(data),
        _ when name.SequenceEqual("log"u8) => Log(data),
        _ when name.SequenceEqual("reject"u8) => Reject(data),
        _ when name.SequenceEqual("fib"u8) => Fib(data),
        _ when name.SequenceEqual("numgen"u8) => Numgen(data),
        _ when name.SequenceEqual("hash"u8) => Hash(data),
        _ when name.SequenceEqual("range"u8) => Range(data),
        _ when name.SequenceEqual("byteorder"u8) => Byteorder(data),
        _ when name.SequenceEqual("dynset"u8) => Dynset(data),
        _ when name.SequenceEqual("socket"u8) => Socket(data),
        _ when name.SequenceEqual("rt"u8) => Rt(data),
        _ when name.SequenceEqual("exthdr"u8) => Exthdr(data),
        _ when name.SequenceEqual("notrack"u8) => new NftNotrack(),
        _ when name.SequenceEqual("dup"u8) => Dup(data),
        _ when name.SequenceEqual("fwd"u8) => Forward(data),
        _ when name.SequenceEqual("objref"u8) => ObjectReference(data),
        _ when name.SequenceEqual("queue"u8) => Queue(data),
        _ => null,
    };

    private static NftExpression Payload(AttributeReader data)
    {
        NftRegister dreg = default;
        NftRegister? sreg = null;
        uint at = 0, offset = 0, length = 0, type = 0, checksum = 0, flags = 0;
        while (data.Next())
        {
            switch (data.Type)
            {
                case NFTA_PAYLOAD_DREG: dreg = NftRegister.Read(data); break;
                case NFTA_PAYLOAD_SREG: sreg = NftRegister.Read(data); break;
                case NFTA_PAYLOAD_BASE: at = data.U32Be(); break;
                case NFTA_PAYLOAD_OFFSET: offset = data.U32Be(); break;
                case NFTA_PAYLOAD_LEN: length = data.U32Be(); break;
                case NFTA_PAYLOAD_CSUM_TYPE: type = data.U32Be(); break;
                case NFTA_PAYLOAD_CSUM_OFFSET: checksum = data.U32Be(); break;
                case NFTA_PAYLOAD_CSUM_FLAGS: flags = data.U32Be(); break;
            }
        }

        return sreg is { } source ? new NftPayloadSet(source, at, offset, length, type, checksum, flags) : new NftPayload(dreg, at, offset, length);
    }

    private static NftExpression Meta(AttributeReader data)
    {
        NftRegister dreg = default;
        NftRegister? sreg = null;
        uint key = 0;
        while (data.Next())
        {
            if (data.Type == NFTA_META_DREG) dreg = NftRegister.Read(data);
            else if (data.Type == NFTA_META_SREG) sreg = NftRegister.Read(data);
            else if (data.Type == NFTA_META_KEY) key = data.U32Be();
        }

        return sreg is { } source ? new NftMetaSet(key, source) : new NftMeta(key, dreg);
    }

    private static NftExpression Ct(AttributeReader data)
    {
        NftRegister dreg = default;
        NftRegister? sreg = null;
        uint key = 0;
        byte? direction = null;
        while (data.Next())
        {
            if (data.Type == NFTA_CT_DREG) dreg = NftRegister.Read(data);
            else if (data.Type == NFTA_CT_SREG) sreg = NftRegister.Read(data);
            else if (data.Type == NFTA_CT_KEY) key = data.U32Be();
            else if (data.Type == NFTA_CT_DIRECTION) direction = data.U8();
        }

        return sreg is { } source ? new NftCtSet(key, source, direction) : new NftCt(key, dreg, direction);
    }

    private static NftFib Fib(AttributeReader data)
    {
        NftRegister dreg = default;
        uint result = 0, flags = 0;
        while (data.Next())
        {
            if (data.Type == NFTA_FIB_DREG) dreg = NftRegister.Read(data);
            else if (data.Type == NFTA_FIB_RESULT) result = data.U32Be();
            else if (data.Type == NFTA_FIB_FLAGS) flags = data.U32Be();
        }

        return new NftFib(dreg, result, flags);
    }

    private static NftRt Rt(AttributeReader data)
    {
        NftRegister dreg = default;
        uint key = 0;
        while (data.Next())
        {
            if (data.Type == NFTA_RT_DREG) dreg = NftRegister.Read(data);
            else if (data.Type == NFTA_RT_KEY) key = data.U32Be();
        }

        return new NftRt(key, dreg);
    }

    private static NftSocketMatch Socket(AttributeReader data)
    {
        NftRegister dreg = default;
        uint key = 0;
        uint? level = null;
        while (data.Next())
        {
            if (data.Type == NFTA_SOCKET_DREG) dreg = NftRegister.Read(data);
            else if (data.Type == NFTA_SOCKET_KEY) key = data.U32Be();
            else if (data.Type == NFTA_SOCKET_LEVEL) level = data.U32Be();
        }

        return new NftSocketMatch(key, dreg, level);
    }

    private static NftNumgen Numgen(AttributeReader data)
    {
        NftRegister dreg = default;
        uint modulus = 0, type = 0, offset = 0;
        while (data.Next())
        {
            switch (data.Type)
            {
                case NFTA_NG_DREG: dreg = NftRegister.Read(data); break;
                case NFTA_NG_MODULUS: modulus = data.U32Be(); break;
                case NFTA_NG_TYPE: type = data.U32Be(); break;
                case NFTA_NG_OFFSET: offset = data.U32Be(); break;
            }
        }

        return new NftNumgen(dreg, modulus, type, offset);
    }

    private static NftHash Hash(AttributeReader data)
    {
        NftRegister dreg = default;
        NftRegister? sreg = null;
        uint type = 0, length = 0, modulus = 0, offset = 0;
        uint? seed = null;
        while (data.Next())
        {
            switch (data.Type)
            {
                case NFTA_HASH_SREG: sreg = NftRegister.Read(data); break;
                case NFTA_HASH_DREG: dreg = NftRegister.Read(data); break;
                case NFTA_HASH_LEN: length = data.U32Be(); break;
                case NFTA_HASH_MODULUS: modulus = data.U32Be(); break;
                case NFTA_HASH_SEED: seed = data.U32Be(); break;
                case NFTA_HASH_OFFSET: offset = data.U32Be(); break;
                case NFTA_HASH_TYPE: type = data.U32Be(); break;
            }
        }

        return new NftHash(type, sreg, dreg, length, modulus, seed, offset);
    }

    /// <summary>Reads only TCP options being written; every other use stays unknown.</summary>
    private static NftTcpOptionSet? Exthdr(AttributeReader data)
    {
        NftRegister? sreg = null;
        byte option = 0;
        uint offset = 0, length = 0, op = 0;
        while (data.Next())
        {
            switch (data.Type)
            {
                case NFTA_EXTHDR_SREG: sreg = NftRegister.Read(data); break;
                case NFTA_EXTHDR_TYPE: option = data.U8(); break;
                case NFTA_EXTHDR_OFFSET: offset = data.U32Be(); break;
                case NFTA_EXTHDR_LEN: length = data.U32Be(); break;
                case NFTA_EXTHDR_OP: op = data.U32Be(); break;
            }
        }

        return op == NFT_EXTHDR_OP_TCPOPT && sreg is { } source ? new NftTcpOptionSet(source, option, offset, length) : null;
    }
}
