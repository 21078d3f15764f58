using System.Buffers.Binary;
using System.Net;

namespace Twill.Linux.Route;

/// <summary>An IPv4 or IPv6 address as a value: comparable, countable, no allocation.</summary>
/// <param name="Value">The address as a number; IPv4 in the low 32 bits.</param>
public readonly record struct IpAddress(UInt128 Value, bool IsV6) : IComparable<IpAddress>
{
    /// <summary>Address bits: 32 or 128.</summary>
    public int Bits => IsV6 ? 128 : 32;

    /// <summary>AF_INET or AF_INET6.</summary>
    public byte Family => IsV6 ? (byte)10 : (byte)2;

    /// <summary>Bytes on the wire: 4 or 16.</summary>
    public int Length => IsV6 ? 16 : 4;

    public static IpAddress V4(uint value) => new(value, false);

    /// <summary>From network byte order; 4 or 16 octets.</summary>
    /// <exception cref="ArgumentException">Another length.</exception>
    public static IpAddress Read(ReadOnlySpan<byte> octets) => octets.Length switch
    {
        4 => new IpAddress(BinaryPrimitives.ReadUInt32BigEndian(octets), false),
        16 => new IpAddress(BinaryPrimitives.ReadUInt128BigEndian(octets), true),
        _ => throw new ArgumentException($"an IP address has 4 or 16 octets, not {octets.Length}", nameof(octets)),
    };

    /// <summary>In network byte order into the first <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> octets)
    {
        if (IsV6) BinaryPrimitives.WriteUInt128BigEndian(octets, Value);
        else BinaryPrimitives.WriteUInt32BigEndian(octets, (uint)Value);
    }

    public static IpAddress From(IPAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out int length);
        return Read(octets[..length]);
    }

    public IPAddress ToIPAddress()
    {
        Span<byte> octets = stackalloc byte[16];
        Write(octets);
        return new IPAddress(octets[..Length]);
    }

    /// <summary>Strict dotted decimal or RFC 4291 text; no scope, no shorthand.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IpAddress address)
    {
        address = default;
        bool v6 = text.Contains(':');
        if (!v6 && (text.Count('.') != 3 || text.ContainsAnyExcept("0123456789.") || HasLeadingZero(text))) return false;
        if (text.Contains('%') || text.Contains('[') || !IPAddress.TryParse(text, out IPAddress? parsed)) return false;
        address = From(parsed);
        return address.IsV6 == v6;
    }

    public static IpAddress Parse(string text) => TryParse(text, out IpAddress address) ? address : throw new FormatException($"\"{text}\" is not an IP address");

    public int CompareTo(IpAddress other) => IsV6 == other.IsV6 ? Value.CompareTo(other.Value) : IsV6.CompareTo(other.IsV6);

    public static bool operator <(IpAddress a, IpAddress b) => a.CompareTo(b) < 0;

    public static bool operator >(IpAddress a, IpAddress b) => a.CompareTo(b) > 0;

    public static bool operator <=(IpAddress a, IpAddress b) => a.CompareTo(b) <= 0;

    public static bool operator >=(IpAddress a, IpAddress b) => a.CompareTo(b) >= 0;

    public override string ToString() => ToIPAddress().ToString();

    private static bool HasLeadingZero(ReadOnlySpan<char> text)
    {
        for (int i = 0; i + 1 < text.Length; i++)
        {
            if (text[i] == '0' && (i == 0 || text[i - 1] == '.') && text[i + 1] != '.') return true;
        }

        return false;
    }
}
