using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Twill.Cni;

/// <summary>An address with its prefix length, e.g. 10.244.1.7/24. Whether host bits may be set is said by the field it is in.</summary>
/// <param name="Address">IPv4 or IPv6, never scoped, never IPv4 mapped into IPv6.</param>
/// <param name="PrefixLength">In bits, 0 to 32 or 128.</param>
public readonly record struct IpCidr(IPAddress Address, int PrefixLength)
{
    public bool IsIPv4 => Address.AddressFamily == AddressFamily.InterNetwork;

    /// <summary>Bits of an address of this family, 32 or 128.</summary>
    public int AddressBits => IsIPv4 ? 32 : 128;

    /// <summary>Is any bit behind the prefix set?</summary>
    public bool HasHostBits => (ToNumber(Address) & HostMask) != UInt128.Zero;

    /// <summary>The same with the host bits zero.</summary>
    public IpCidr Network => new(ToAddress(ToNumber(Address) & ~HostMask, IsIPv4), PrefixLength);

    // A shift by 128 is a shift by 0, so the empty mask is a case of its own.
    internal UInt128 HostMask => PrefixLength == AddressBits ? UInt128.Zero : UInt128.MaxValue >> (128 - AddressBits + PrefixLength);

    /// <summary>The network that holds this address alone: /32 or /128.</summary>
    public static IpCidr Of(IPAddress address) => new(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);

    public bool Contains(IPAddress address) =>
        address.AddressFamily == Address.AddressFamily && (ToNumber(address) & ~HostMask) == (ToNumber(Address) & ~HostMask);

    /// <summary>Reads address/prefix. The prefix is decimal without leading zero.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IpCidr cidr)
    {
        cidr = default;
        var slash = text.IndexOf('/');
        if (slash < 0 || !TryParseAddress(text[..slash], out var address)
            || !TryParseDecimal(text[(slash + 1)..], address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128, out var prefix))
        {
            return false;
        }

        cidr = new IpCidr(address, prefix);
        return true;
    }

    /// <summary>
    /// Reads an address as RFC 4291 and everybody's eyes do: four decimal numbers without leading zeros, or IPv6.
    /// No "10.1", no octal or hexadecimal, no scope, no brackets, no port, no IPv4 mapped into IPv6.
    /// </summary>
    /// <remarks>IPAddress.TryParse takes all of those: 010.0.0.1 is 8.0.0.1 to it, as it is to inet_aton.</remarks>
    public static bool TryParseAddress(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        Span<byte> bytes = stackalloc byte[16];
        if (text.Length is < 2 or > 45)
            return false;
        if (text.Contains(':'))
        {
            if (!TryParseIPv6(text, bytes) || bytes[..12].SequenceEqual(MappedPrefix))
                return false;
            address = new IPAddress(bytes);
            return true;
        }

        if (!TryParseIPv4(text, bytes[..4]))
            return false;
        address = new IPAddress(bytes[..4]);
        return true;
    }

    public override string ToString() => Address is null ? "" : string.Concat(Address.ToString(), "/", PrefixLength.ToString());

    internal static UInt128 ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out var written);
        return written == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    internal static IPAddress ToAddress(UInt128 number, bool isIPv4)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new IPAddress(isIPv4 ? bytes[12..] : bytes);
    }

    private static ReadOnlySpan<byte> MappedPrefix => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

    private static bool TryParseDecimal(ReadOnlySpan<char> text, int max, out int value)
    {
        value = 0;
        if (text.Length is 0 or > 3 || (text.Length > 1 && text[0] == '0'))
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
                return false;
            value = (value * 10) + (c - '0');
        }

        return value <= max;
    }

    private static bool TryParseIPv4(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        for (var i = 0; i < 4; i++)
        {
            var dot = text.IndexOf('.');
            if (dot < 0 != (i == 3) || !TryParseDecimal(dot < 0 ? text : text[..dot], 255, out var octet))
                return false;
            bytes[i] = (byte)octet;
            text = text[(dot + 1)..];
        }

        return true;
    }

    private static bool TryParseIPv6(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        bytes.Clear();
        var at = 0;
        var gap = -1;
        if (text.StartsWith("::", StringComparison.Ordinal))
        {
            gap = 0;
            text = text[2..];
        }

        while (text.Length > 0)
        {
            if (at == 16)
                return false;
            var colon = text.IndexOf(':');
            var group = colon < 0 ? text : text[..colon];
            if (colon < 0 && group.Contains('.'))
            {
                if (at > 12 || !TryParseIPv4(group, bytes.Slice(at, 4)))
                    return false;
                at += 4;
                break;
            }

            if (group.Length is 0 or > 4)
                return false;
            var value = 0;
            foreach (var c in group)
            {
                if (!char.IsAsciiHexDigit(c))
                    return false;
                value = (value << 4) | (char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
            }

            BinaryPrimitives.WriteUInt16BigEndian(bytes[at..], (ushort)value);
            at += 2;
            if (colon < 0)
                break;
            text = text[(colon + 1)..];
            if (text.Length == 0)
                return false;
            if (text[0] == ':')
            {
                if (gap >= 0)
                    return false;
                gap = at;
                text = text[1..];
            }
        }

        if (gap < 0)
            return at == 16;
        if (at == 16)
            return false;
        var tail = at - gap;
        bytes.Slice(gap, tail).CopyTo(bytes[(16 - tail)..]);
        bytes[gap..(16 - tail)].Clear();
        return true;
    }
}
