using System.Buffers.Binary;
using System.Text;
using Twill.Linux.Route;

namespace Twill.Linux.Nft;

/// <summary>What stands in a register, a set's key or userdata: bytes, compared by content.</summary>
/// <remarks>Numbers of packets (addresses, ports) are in network byte order, numbers of the host (marks, states, indexes) in the host's.</remarks>
public readonly struct NftBytes(ReadOnlySpan<byte> bytes) : IEquatable<NftBytes>
{
    private readonly byte[]? _bytes = bytes.ToArray();

    public ReadOnlySpan<byte> Span => _bytes;

    public int Length => _bytes?.Length ?? 0;

    public static NftBytes Of(IpAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        address.Write(octets);
        return new NftBytes(octets[..address.Length]);
    }

    public static NftBytes Of(MacAddress mac)
    {
        Span<byte> octets = stackalloc byte[MacAddress.Length];
        mac.Write(octets);
        return new NftBytes(octets);
    }

    public static NftBytes U8(byte value) => new([value]);

    public static NftBytes U16Be(ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return new NftBytes(bytes);
    }

    /// <summary>Host byte order.</summary>
    public static NftBytes U16(ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        return new NftBytes(bytes);
    }

    /// <summary>Host byte order.</summary>
    public static NftBytes U32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return new NftBytes(bytes);
    }

    /// <summary>An interface name: 16 bytes, filled with NUL. A name ending in "*" becomes its prefix only.</summary>
    public static NftBytes InterfaceName(string name)
    {
        bool wildcard = name.EndsWith('*');
        byte[] text = Encoding.UTF8.GetBytes(wildcard ? name[..^1] : name);
        if (text.Length > 15) throw new ArgumentException($"interface name \"{name}\" is longer than 15 bytes", nameof(name));
        if (wildcard) return new NftBytes(text);
        Span<byte> padded = stackalloc byte[16];
        padded.Clear();
        text.CopyTo(padded);
        return new NftBytes(padded);
    }

    /// <summary>Fields of a concatenated key, each filled up to whole registers of 4 bytes. Like: 10.96.0.1 . tcp . 443</summary>
    public static NftBytes Concat(params ReadOnlySpan<NftBytes> fields)
    {
        int length = 0;
        foreach (NftBytes field in fields) length += (field.Length + 3) & ~3;
        Span<byte> key = length <= 256 ? stackalloc byte[length] : new byte[length];
        key.Clear();
        int at = 0;
        foreach (NftBytes field in fields)
        {
            field.Span.CopyTo(key[at..]);
            at += (field.Length + 3) & ~3;
        }

        return new NftBytes(key);
    }

    public bool Equals(NftBytes other) => Span.SequenceEqual(other.Span);

    public override bool Equals(object? obj) => obj is NftBytes other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    public static bool operator ==(NftBytes a, NftBytes b) => a.Equals(b);

    public static bool operator !=(NftBytes a, NftBytes b) => !a.Equals(b);

    /// <summary>0x and hexadecimal digits in wire order.</summary>
    public override string ToString() => $"0x{Convert.ToHexStringLower(Span)}";
}
