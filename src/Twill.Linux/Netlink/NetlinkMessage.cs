using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Twill.Linux.Uapi;

namespace Twill.Linux.Netlink;

/// <summary>One message in a receive buffer.</summary>
public readonly ref struct NetlinkMessage
{
    private NetlinkMessage(ReadOnlySpan<byte> bytes) => Bytes = bytes;

    /// <summary>Header and payload, nlmsg_len bytes.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    public ushort Type => BinaryPrimitives.ReadUInt16LittleEndian(Bytes[4..]);

    public ushort Flags => BinaryPrimitives.ReadUInt16LittleEndian(Bytes[6..]);

    public uint Sequence => BinaryPrimitives.ReadUInt32LittleEndian(Bytes[8..]);

    /// <summary>Port of the socket whose request caused it: 0 for the kernel itself.</summary>
    public uint Port => BinaryPrimitives.ReadUInt32LittleEndian(Bytes[12..]);

    public ReadOnlySpan<byte> Payload => Bytes[NetlinkUapi.NLMSG_HDRLEN..];

    /// <summary>The family's fixed header at the payload's start.</summary>
    /// <exception cref="NetlinkProtocolException">The payload is shorter.</exception>
    public T Header<T>()
        where T : unmanaged
        => Payload.Length >= Unsafe.SizeOf<T>()
            ? MemoryMarshal.Read<T>(Payload)
            : throw new NetlinkProtocolException($"message type {Type}: {Payload.Length} bytes of payload, header needs {Unsafe.SizeOf<T>()}");

    /// <summary>The attributes behind a fixed header of type <typeparamref name="T"/>.</summary>
    public AttributeReader Attributes<T>()
        where T : unmanaged
    {
        int skip = (Unsafe.SizeOf<T>() + 3) & ~3;
        return new AttributeReader(Payload.Length > skip ? Payload[skip..] : []);
    }

    /// <summary>Cuts the first message off <paramref name="buffer"/>.</summary>
    /// <returns>False at the buffer's end.</returns>
    /// <exception cref="NetlinkProtocolException">A length below the header's or beyond the buffer.</exception>
    public static bool TryRead(ref ReadOnlySpan<byte> buffer, out NetlinkMessage message)
    {
        message = default;
        if (buffer.IsEmpty) return false;
        if (buffer.Length < NetlinkUapi.NLMSG_HDRLEN) throw new NetlinkProtocolException($"{buffer.Length} bytes left, a message header needs {NetlinkUapi.NLMSG_HDRLEN}");
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(buffer);
        if (length < NetlinkUapi.NLMSG_HDRLEN || length > (uint)buffer.Length) throw new NetlinkProtocolException($"message says {length} bytes, {buffer.Length} are there");
        message = new NetlinkMessage(buffer[..(int)length]);
        int next = ((int)length + 3) & ~3;
        buffer = next >= buffer.Length ? [] : buffer[next..];
        return true;
    }

    /// <summary>Reads an NLMSG_ERROR: a refusal, or with errno None an acknowledgement.</summary>
    /// <remarks>Source: struct nlmsgerr and enum nlmsgerr_attrs, include/uapi/linux/netlink.h.</remarks>
    internal NetlinkOutcome ReadError(uint firstSequence)
    {
        ReadOnlySpan<byte> payload = Payload;
        if (payload.Length < 4 + NetlinkUapi.NLMSG_HDRLEN) throw new NetlinkProtocolException($"error message of {payload.Length} bytes");
        int errno = -BinaryPrimitives.ReadInt32LittleEndian(payload);
        int index = (int)(Sequence - firstSequence);
        if (errno == 0) return new NetlinkOutcome(Sys.Errno.None, index);

        uint echoed = (Flags & NetlinkUapi.NLM_F_CAPPED) != 0 ? NetlinkUapi.NLMSG_HDRLEN : BinaryPrimitives.ReadUInt32LittleEndian(payload[4..]);
        return ReadExtendedAck((Sys.Errno)errno, index, 4 + ((echoed + 3) & ~3u));
    }

    /// <summary>Reads the NLMSG_DONE of a dump: its errno, and where it is a refusal the kernel's words.</summary>
    internal NetlinkOutcome ReadDone()
    {
        int errno = Payload.Length >= 4 ? -BinaryPrimitives.ReadInt32LittleEndian(Payload) : 0;
        return errno == 0 ? NetlinkOutcome.Success : ReadExtendedAck((Sys.Errno)errno, 0, 4);
    }

    private NetlinkOutcome ReadExtendedAck(Sys.Errno errno, int index, uint start)
    {
        string? text = null;
        int offset = -1;
        if ((Flags & NetlinkUapi.NLM_F_ACK_TLVS) != 0)
        {
            var attributes = new AttributeReader(start < Payload.Length ? Payload[(int)start..] : []);
            while (attributes.Next())
            {
                if (attributes.Type == NetlinkUapi.NLMSGERR_ATTR_MSG) text = attributes.String();
                else if (attributes.Type == NetlinkUapi.NLMSGERR_ATTR_OFFS) offset = (int)attributes.U32();
            }
        }

        return new NetlinkOutcome(errno, index, text, offset);
    }
}
