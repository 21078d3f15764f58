using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Twill.Linux.Uapi;

namespace Twill.Linux.Netlink;

/// <summary>Walks a run of attributes. The caller looks at <see cref="Type"/> and skips what it does not know.</summary>
public ref struct AttributeReader(ReadOnlySpan<byte> attributes)
{
    private ReadOnlySpan<byte> _rest = attributes;

    /// <summary>The current attribute's type, without the nested and byte order flags.</summary>
    public ushort Type { get; private set; }

    public ReadOnlySpan<byte> Payload { get; private set; }

    /// <summary>Moves to the next attribute.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="NetlinkProtocolException">A length below the header's or beyond the run.</exception>
    public bool Next()
    {
        // Up to 3 bytes behind the last attribute are padding of whoever wrote the run.
        if (_rest.Length < NetlinkUapi.NLA_HDRLEN) return false;
        int length = BinaryPrimitives.ReadUInt16LittleEndian(_rest);
        if (length < NetlinkUapi.NLA_HDRLEN || length > _rest.Length) throw new NetlinkProtocolException($"attribute says {length} bytes, {_rest.Length} are there");
        Type = (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(_rest[2..]) & NetlinkUapi.NLA_TYPE_MASK);
        Payload = _rest[NetlinkUapi.NLA_HDRLEN..length];
        int next = (length + 3) & ~3;
        _rest = next >= _rest.Length ? [] : _rest[next..];
        return true;
    }

    public readonly byte U8() => Need(1)[0];

    public readonly ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Need(2));

    public readonly ushort U16Be() => BinaryPrimitives.ReadUInt16BigEndian(Need(2));

    public readonly uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Need(4));

    public readonly uint U32Be() => BinaryPrimitives.ReadUInt32BigEndian(Need(4));

    public readonly int I32() => BinaryPrimitives.ReadInt32LittleEndian(Need(4));

    public readonly ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Need(8));

    public readonly ulong U64Be() => BinaryPrimitives.ReadUInt64BigEndian(Need(8));

    public readonly T Struct<T>()
        where T : unmanaged
        => MemoryMarshal.Read<T>(Need(Unsafe.SizeOf<T>()));

    /// <summary>UTF-8 up to the terminating NUL, or the whole payload where there is none.</summary>
    public readonly string String() => Encoding.UTF8.GetString(StringBytes());

    /// <summary>As <see cref="String"/>, without allocating.</summary>
    public readonly ReadOnlySpan<byte> StringBytes()
    {
        int end = Payload.IndexOf((byte)0);
        return end < 0 ? Payload : Payload[..end];
    }

    public readonly AttributeReader Nested() => new(Payload);

    private readonly ReadOnlySpan<byte> Need(int length)
        => Payload.Length >= length ? Payload : throw new NetlinkProtocolException($"attribute {Type}: {Payload.Length} bytes, {length} expected");
}
