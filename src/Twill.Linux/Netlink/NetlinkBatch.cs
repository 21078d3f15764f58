using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Twill.Linux.Uapi;

namespace Twill.Linux.Netlink;

/// <summary>Netlink messages being written, sent together by <see cref="NetlinkSocket.Execute"/>.</summary>
/// <remarks>
/// One buffer that grows and is used again: no allocation once it is large enough. Host byte order unless a name says Be.
/// A message is begun, gets its family header, then attributes; the next Begin, or sending, ends it.
/// </remarks>
public sealed class NetlinkBatch
{
    private const int InitialSize = 4096;

    // Not on the pinned heap: a short process would touch that heap for this alone, and `fixed` around a send is free.
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(InitialSize);
    private int _used;
    private int _message = -1;

    /// <summary>Messages written so far.</summary>
    public int Count { get; private set; }

    /// <summary>Messages that ask for an acknowledgement.</summary>
    public int AcksExpected { get; private set; }

    /// <summary>Sequence number of the first message; the i-th has FirstSequence + i.</summary>
    public uint FirstSequence { get; private set; }

    public int Length => _used;

    /// <summary>The finished messages.</summary>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            EndMessage();
            return _bytes.AsSpan(0, _used);
        }
    }

    /// <summary>Empties the batch.</summary>
    public NetlinkBatch Reset(uint firstSequence)
    {
        _used = 0;
        _message = -1;
        Count = 0;
        AcksExpected = 0;
        FirstSequence = firstSequence;
        return this;
    }

    /// <summary>Begins a message. NLM_F_REQUEST is implied.</summary>
    public void Begin(ushort type, ushort flags)
    {
        EndMessage();
        _message = _used;
        Span<byte> header = Take(NetlinkUapi.NLMSG_HDRLEN);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], type);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)(flags | NetlinkUapi.NLM_F_REQUEST));
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], FirstSequence + (uint)Count);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], 0);
        Count++;
        if ((flags & NetlinkUapi.NLM_F_ACK) != 0) AcksExpected++;
    }

    /// <summary>The family's fixed header (struct ifinfomsg and so on), right after Begin.</summary>
    public void Header<T>(in T header)
        where T : unmanaged
    {
        Span<byte> bytes = Take(Align(Unsafe.SizeOf<T>()));
        MemoryMarshal.Write(bytes, in header);
    }

    public void U8(ushort type, byte value) => Attribute(type, 1)[0] = value;

    public void U16(ushort type, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Attribute(type, 2), value);

    public void U16Be(ushort type, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Attribute(type, 2), value);

    public void U32(ushort type, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Attribute(type, 4), value);

    public void U32Be(ushort type, uint value) => BinaryPrimitives.WriteUInt32BigEndian(Attribute(type, 4), value);

    public void I32(ushort type, int value) => BinaryPrimitives.WriteInt32LittleEndian(Attribute(type, 4), value);

    public void U64(ushort type, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Attribute(type, 8), value);

    public void U64Be(ushort type, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Attribute(type, 8), value);

    /// <summary>An attribute without payload: its presence is its value.</summary>
    public void Flag(ushort type) => Attribute(type, 0);

    public void Binary(ushort type, ReadOnlySpan<byte> value) => value.CopyTo(Attribute(type, value.Length));

    public void Struct<T>(ushort type, in T value)
        where T : unmanaged
        => MemoryMarshal.Write(Attribute(type, Unsafe.SizeOf<T>()), in value);

    /// <summary>A string with its terminating NUL, UTF-8.</summary>
    public void String(ushort type, ReadOnlySpan<char> value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        Span<byte> payload = Attribute(type, length + 1);
        Encoding.UTF8.GetBytes(value, payload);
        payload[length] = 0;
    }

    /// <summary>Begins a nested attribute; give the answer to <see cref="EndNest"/>.</summary>
    /// <param name="flagged">Whether to set NLA_F_NESTED; older families reject it, newer demand it.</param>
    public int BeginNest(ushort type, bool flagged = true)
    {
        int start = _used;
        Span<byte> header = Take(NetlinkUapi.NLA_HDRLEN);
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], flagged ? (ushort)(type | NetlinkUapi.NLA_F_NESTED) : type);
        return start;
    }

    /// <exception cref="InvalidOperationException">The nest outgrew the 65,535 bytes that an attribute's length can say.</exception>
    public void EndNest(int start)
    {
        int length = _used - start;
        if (length > ushort.MaxValue) throw new InvalidOperationException($"nested netlink attribute of {length} bytes: more than an attribute can hold");
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(start), (ushort)length);
    }

    /// <summary>Room for a fixed structure inside a nest (VETH_INFO_PEER starts with a struct ifinfomsg; rtnexthop).</summary>
    public Span<byte> Raw(int length) => Take(Align(length));

    /// <summary>An attribute's header, and its payload to be filled.</summary>
    public Span<byte> Attribute(ushort type, int length)
    {
        Span<byte> bytes = Take(Align(NetlinkUapi.NLA_HDRLEN + length));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, checked((ushort)(NetlinkUapi.NLA_HDRLEN + length)));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], type);
        return bytes.Slice(NetlinkUapi.NLA_HDRLEN, length);
    }

    internal byte[] Buffer => _bytes;

    internal void EndMessage()
    {
        if (_message < 0) return;
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_message), _used - _message);
        _message = -1;
    }

    private static int Align(int length) => (length + 3) & ~3;

    /// <summary>Aligned room at the end, its last padding bytes zero.</summary>
    private Span<byte> Take(int length)
    {
        if (_used + length > _bytes.Length)
        {
            byte[] larger = GC.AllocateUninitializedArray<byte>(Math.Max(_bytes.Length * 2, _used + length));
            _bytes.AsSpan(0, _used).CopyTo(larger);
            _bytes = larger;
        }

        Span<byte> room = _bytes.AsSpan(_used, length);
        room.Clear();
        _used += length;
        return room;
    }
}
