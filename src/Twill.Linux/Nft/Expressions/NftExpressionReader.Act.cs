using Twill.Linux.Netlink;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft.Expressions;

internal static partial class NftExpressionReader
{
    private static NftCounter Counter(AttributeReader data)
    {
        ulong packets = 0, bytes = 0;
        while (data.Next())
        {
            if (data.Type == NFTA_COUNTER_PACKETS) packets = data.U64Be();
            else if (data.Type == NFTA_COUNTER_BYTES) bytes = data.U64Be();
        }

        return new NftCounter(packets, bytes);
    }

    private static NftNat Nat(AttributeReader data)
    {
        uint type = 0, family = 0, flags = 0;
        NftRegister? addressMin = null, addressMax = null, portMin = null, portMax = null;
        while (data.Next())
        {
            switch (data.Type)
            {
                case NFTA_NAT_TYPE: type = data.U32Be(); break;
                case NFTA_NAT_FAMILY: family = data.U32Be(); break;
                case NFTA_NAT_FLAGS: flags = data.U32Be(); break;
                case NFTA_NAT_REG_ADDR_MIN: addressMin = NftRegister.Read(data); break;
                case NFTA_NAT_REG_ADDR_MAX: addressMax = NftRegister.Read(data); break;
                case NFTA_NAT_REG_PROTO_MIN: portMin = NftRegister.Read(data); break;
                case NFTA_NAT_REG_PROTO_MAX: portMax = NftRegister.Read(data); break;
            }
        }

        return new NftNat(type, family, addressMin, Beyond(addressMin, addressMax), portMin, Beyond(portMin, portMax), flags & ~ImpliedNatFlags);
    }

    private static NftMasquerade Masquerade(AttributeReader data)
    {
        uint flags = 0;
        NftRegister? min = null, max = null;
        while (data.Next())
        {
            if (data.Type == NFTA_MASQ_FLAGS) flags = data.U32Be();
            else if (data.Type == NFTA_MASQ_REG_PROTO_MIN) min = NftRegister.Read(data);
            else if (data.Type == NFTA_MASQ_REG_PROTO_MAX) max = NftRegister.Read(data);
        }

        return new NftMasquerade(flags & ~ImpliedNatFlags, min, Beyond(min, max));
    }

    private static NftRedirect Redirect(AttributeReader data)
    {
        uint flags = 0;
        NftRegister? min = null, max = null;
        while (data.Next())
        {
            if (data.Type == NFTA_REDIR_FLAGS) flags = data.U32Be();
            else if (data.Type == NFTA_REDIR_REG_PROTO_MIN) min = NftRegister.Read(data);
            else if (data.Type == NFTA_REDIR_REG_PROTO_MAX) max = NftRegister.Read(data);
        }

        return new NftRedirect(flags & ~ImpliedNatFlags, min, Beyond(min, max));
    }

    // The kernel dumps a missing upper end as the lower one again.
    private static NftRegister? Beyond(NftRegister? min, NftRegister? max) => min == max ? null : max;

    private static NftLimit Limit(AttributeReader data)
    {
        ulong rate = 0, unit = 0;
        uint burst = 0, type = 0, flags = 0;
        while (data.Next())
        {
            switch (data.Type)
            {
                case NFTA_LIMIT_RATE: rate = data.U64Be(); break;
                case NFTA_LIMIT_UNIT: unit = data.U64Be(); break;
                case NFTA_LIMIT_BURST: burst = data.U32Be(); break;
                case NFTA_LIMIT_TYPE: type = data.U32Be(); break;
                case NFTA_LIMIT_FLAGS: flags = data.U32Be(); break;
            }
        }

        return new NftLimit(rate, unit, burst, type, flags);
    }

    private static NftLog Log(AttributeReader data)
    {
        string? prefix = null;
        uint? level = null;
        ushort? group = null;
        uint flags = 0, snaplen = 0;
        ushort threshold = 0;
        while (data.Next())
        {
            switch (data.Type)
            {
                case NFTA_LOG_PREFIX: prefix = data.String(); break;
                case NFTA_LOG_LEVEL: level = data.U32Be(); break;
                case NFTA_LOG_FLAGS: flags = data.U32Be(); break;
                case NFTA_LOG_GROUP: group = data.U16Be(); break;
                case NFTA_LOG_SNAPLEN: snaplen = data.U32Be(); break;
                case NFTA_LOG_QTHRESHOLD: threshold = data.U16Be(); break;
            }
        }

        return new NftLog(prefix, level, flags, group, snaplen, threshold);
    }

    private static NftReject Reject(AttributeReader data)
    {
        uint type = 0;
        byte code = 0;
        while (data.Next())
        {
            if (data.Type == NFTA_REJECT_TYPE) type = data.U32Be();
            else if (data.Type == NFTA_REJECT_ICMP_CODE) code = data.U8();
        }

        return new NftReject(type, code);
    }

    private static NftDup Dup(AttributeReader data)
    {
        NftRegister? address = null, device = null;
        while (data.Next())
        {
            if (data.Type == NFTA_DUP_SREG_ADDR) address = NftRegister.Read(data);
            else if (data.Type == NFTA_DUP_SREG_DEV) device = NftRegister.Read(data);
        }

        return new NftDup(address, device);
    }

    private static NftForward Forward(AttributeReader data)
    {
        NftRegister device = default;
        NftRegister? address = null;
        uint? family = null;
        while (data.Next())
        {
            if (data.Type == NFTA_FWD_SREG_DEV) device = NftRegister.Read(data);
            else if (data.Type == NFTA_FWD_SREG_ADDR) address = NftRegister.Read(data);
            else if (data.Type == NFTA_FWD_NFPROTO) family = data.U32Be();
        }

        return new NftForward(device, address, family);
    }

    /// <summary>Null for references through a map: they stay unknown.</summary>
    private static NftObjectReference? ObjectReference(AttributeReader data)
    {
        uint type = 0;
        string? name = null;
        while (data.Next())
        {
            if (data.Type == NFTA_OBJREF_IMM_TYPE) type = data.U32Be();
            else if (data.Type == NFTA_OBJREF_IMM_NAME) name = data.String();
        }

        return name is null ? null : new NftObjectReference(type, name);
    }

    private static NftQueue Queue(AttributeReader data)
    {
        ushort number = 0, total = 1, flags = 0;
        while (data.Next())
        {
            if (data.Type == NFTA_QUEUE_NUM) number = data.U16Be();
            else if (data.Type == NFTA_QUEUE_TOTAL) total = data.U16Be();
            else if (data.Type == NFTA_QUEUE_FLAGS) flags = data.U16Be();
        }

        return new NftQueue(number, total, flags);
    }
}
