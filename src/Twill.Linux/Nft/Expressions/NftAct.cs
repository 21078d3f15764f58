using Twill.Linux.Netlink;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft.Expressions;

public sealed record NftCounter(ulong Packets = 0, ulong Bytes = 0) : NftExpression
{
    public override string Name => "counter";

    internal override void WriteData(NetlinkBatch batch)
    {
        // Without attributes the kernel starts at zero; nft sends none either.
        if (Packets == 0 && Bytes == 0) return;
        batch.U64Be(NFTA_COUNTER_BYTES, Bytes);
        batch.U64Be(NFTA_COUNTER_PACKETS, Packets);
    }
}

/// <summary>Source or destination translation; null registers: not given.</summary>
/// <param name="Family">NFPROTO_IPV4 or NFPROTO_IPV6.</param>
/// <param name="Flags">NF_NAT_RANGE_PROTO_RANDOM, PERSISTENT, PROTO_RANDOM_FULLY. Those that only say which registers are given
/// (MAP_IPS, PROTO_SPECIFIED) are not kept here.</param>
public sealed record NftNat(uint Type, uint Family, NftRegister? AddressMin, NftRegister? AddressMax, NftRegister? PortMin, NftRegister? PortMax, uint Flags) : NftExpression
{
    public override string Name => "nat";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_NAT_TYPE, Type);
        batch.U32Be(NFTA_NAT_FAMILY, Family);
        if (AddressMin is { } addressMin) batch.U32Be(NFTA_NAT_REG_ADDR_MIN, addressMin.Number);
        if (AddressMax is { } addressMax) batch.U32Be(NFTA_NAT_REG_ADDR_MAX, addressMax.Number);
        if (PortMin is { } portMin) batch.U32Be(NFTA_NAT_REG_PROTO_MIN, portMin.Number);
        if (PortMax is { } portMax) batch.U32Be(NFTA_NAT_REG_PROTO_MAX, portMax.Number);
        uint flags = Flags | (PortMin is null ? 0 : NF_NAT_RANGE_PROTO_SPECIFIED);
        if (flags != 0) batch.U32Be(NFTA_NAT_FLAGS, flags);
    }
}

/// <summary>Source translation to the outgoing interface's own address.</summary>
public sealed record NftMasquerade(uint Flags, NftRegister? PortMin = null, NftRegister? PortMax = null) : NftExpression
{
    public override string Name => "masq";

    internal override void WriteData(NetlinkBatch batch)
    {
        uint flags = Flags | (PortMin is null ? 0 : NF_NAT_RANGE_PROTO_SPECIFIED);
        if (flags != 0) batch.U32Be(NFTA_MASQ_FLAGS, flags);
        if (PortMin is { } portMin) batch.U32Be(NFTA_MASQ_REG_PROTO_MIN, portMin.Number);
        if (PortMax is { } portMax) batch.U32Be(NFTA_MASQ_REG_PROTO_MAX, portMax.Number);
    }
}

/// <summary>Destination translation to this host.</summary>
public sealed record NftRedirect(uint Flags, NftRegister? PortMin = null, NftRegister? PortMax = null) : NftExpression
{
    public override string Name => "redir";

    internal override void WriteData(NetlinkBatch batch)
    {
        if (PortMin is { } portMin) batch.U32Be(NFTA_REDIR_REG_PROTO_MIN, portMin.Number);
        if (PortMax is { } portMax) batch.U32Be(NFTA_REDIR_REG_PROTO_MAX, portMax.Number);
        uint flags = Flags | (PortMin is null ? 0 : NF_NAT_RANGE_PROTO_SPECIFIED);
        if (flags != 0) batch.U32Be(NFTA_REDIR_FLAGS, flags);
    }
}

/// <param name="Rate">Packets, or bytes with NFT_LIMIT_PKT_BYTES, in each unit.</param>
/// <param name="UnitSeconds">1, 60, 3600, 86400, 604800.</param>
/// <param name="Flags">NFT_LIMIT_F_INV: matches above the rate.</param>
public sealed record NftLimit(ulong Rate, ulong UnitSeconds, uint Burst, uint Type, uint Flags) : NftExpression
{
    public override string Name => "limit";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U64Be(NFTA_LIMIT_RATE, Rate);
        batch.U64Be(NFTA_LIMIT_UNIT, UnitSeconds);
        batch.U32Be(NFTA_LIMIT_BURST, Burst);
        batch.U32Be(NFTA_LIMIT_TYPE, Type);
        batch.U32Be(NFTA_LIMIT_FLAGS, Flags);
    }
}

/// <summary>To the kernel log, or with a group to a listener on nfnetlink_log.</summary>
public sealed record NftLog(string? Prefix = null, uint? Level = null, uint Flags = 0, ushort? Group = null, uint Snaplen = 0, ushort QueueThreshold = 0) : NftExpression
{
    public override string Name => "log";

    internal override void WriteData(NetlinkBatch batch)
    {
        if (Prefix is not null) batch.String(NFTA_LOG_PREFIX, Prefix);
        if (Group is { } group)
        {
            batch.U16Be(NFTA_LOG_GROUP, group);
            if (Snaplen != 0) batch.U32Be(NFTA_LOG_SNAPLEN, Snaplen);
            if (QueueThreshold != 0) batch.U16Be(NFTA_LOG_QTHRESHOLD, QueueThreshold);
        }

        if (Level is { } level) batch.U32Be(NFTA_LOG_LEVEL, level);
        if (Flags != 0) batch.U32Be(NFTA_LOG_FLAGS, Flags);
    }
}

public sealed record NftReject(uint Type, byte Code) : NftExpression
{
    public override string Name => "reject";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_REJECT_TYPE, Type);
        batch.U8(NFTA_REJECT_ICMP_CODE, Code);
    }
}

/// <summary>No connection tracking for this packet; only in raw chains, before conntrack.</summary>
public sealed record NftNotrack : NftExpression
{
    public override string Name => "notrack";

    internal override void WriteData(NetlinkBatch batch)
    {
    }
}

/// <summary>A copy of the packet elsewhere.</summary>
public sealed record NftDup(NftRegister? Address, NftRegister? Device) : NftExpression
{
    public override string Name => "dup";

    internal override void WriteData(NetlinkBatch batch)
    {
        if (Address is { } address) batch.U32Be(NFTA_DUP_SREG_ADDR, address.Number);
        if (Device is { } device) batch.U32Be(NFTA_DUP_SREG_DEV, device.Number);
    }
}

/// <summary>The packet itself elsewhere; only in netdev chains.</summary>
public sealed record NftForward(NftRegister Device, NftRegister? Address = null, uint? Family = null) : NftExpression
{
    public override string Name => "fwd";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_FWD_SREG_DEV, Device.Number);
        if (Address is { } address) batch.U32Be(NFTA_FWD_SREG_ADDR, address.Number);
        if (Family is { } family) batch.U32Be(NFTA_FWD_NFPROTO, family);
    }
}

/// <summary>A TCP option written. Like: tcp option maxseg size set rt mtu.</summary>
public sealed record NftTcpOptionSet(NftRegister Sreg, byte Option, uint Offset, uint Length) : NftExpression
{
    public override string Name => "exthdr";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_EXTHDR_SREG, Sreg.Number);
        batch.U8(NFTA_EXTHDR_TYPE, Option);
        batch.U32Be(NFTA_EXTHDR_OFFSET, Offset);
        batch.U32Be(NFTA_EXTHDR_LEN, Length);
        batch.U32Be(NFTA_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT);
    }
}

/// <summary>A named object (counter, quota, limit) by name.</summary>
public sealed record NftObjectReference(uint Type, string Object) : NftExpression
{
    public override string Name => "objref";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U32Be(NFTA_OBJREF_IMM_TYPE, Type);
        batch.String(NFTA_OBJREF_IMM_NAME, Object);
    }
}

/// <summary>To a program listening on nfnetlink_queue.</summary>
public sealed record NftQueue(ushort Number, ushort Total = 1, ushort Flags = 0) : NftExpression
{
    public override string Name => "queue";

    internal override void WriteData(NetlinkBatch batch)
    {
        batch.U16Be(NFTA_QUEUE_NUM, Number);
        batch.U16Be(NFTA_QUEUE_TOTAL, Total);
        batch.U16Be(NFTA_QUEUE_FLAGS, Flags);
    }
}
