using System.Globalization;

namespace Twill.Linux.Route;

/// <summary>A 48-bit Ethernet address. Bits 47 to 40 are the first octet on the wire.</summary>
public readonly record struct MacAddress(ulong Value)
{
    public const int Length = 6;

    public static MacAddress Read(ReadOnlySpan<byte> octets)
    {
        ulong value = 0;
        for (int i = 0; i < Length; i++) value = (value << 8) | octets[i];
        return new MacAddress(value);
    }

    public void Write(Span<byte> octets)
    {
        for (int i = 0; i < Length; i++) octets[i] = (byte)(Value >> (40 - (8 * i)));
    }

    /// <summary>Group addresses name no single interface.</summary>
    public bool IsMulticast => (Value >> 40 & 1) != 0;

    /// <summary>Six octets in hexadecimal, separated by colons or hyphens.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out MacAddress mac)
    {
        mac = default;
        if (text.Length != 17) return false;
        ulong value = 0;
        for (int i = 0; i < Length; i++)
        {
            if (!byte.TryParse(text.Slice(i * 3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte octet)) return false;
            if (i < 5 && text[(i * 3) + 2] is not (':' or '-')) return false;
            value = (value << 8) | octet;
        }

        mac = new MacAddress(value);
        return true;
    }

    /// <summary>Lower case with colons, as the kernel's tools print it.</summary>
    public override string ToString() => string.Create(17, Value, static (text, value) =>
    {
        for (int i = 0; i < Length; i++)
        {
            byte octet = (byte)(value >> (40 - (8 * i)));
            text[i * 3] = Digit(octet >> 4);
            text[(i * 3) + 1] = Digit(octet & 15);
            if (i < 5) text[(i * 3) + 2] = ':';
        }

        static char Digit(int nibble) => (char)(nibble < 10 ? '0' + nibble : 'a' + nibble - 10);
    });
}
