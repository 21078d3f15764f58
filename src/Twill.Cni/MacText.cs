using System.Diagnostics.CodeAnalysis;

namespace Twill.Cni;

/// <summary>Ethernet addresses as people write them: 0a:58:0a:f4:01:07, 0A-58-0A-F4-01-07 or 0a58.0af4.0107.</summary>
/// <remarks>Source: Go's net.ParseMAC, which the reference bridge uses; it also takes 8 and 20 bytes, which no veth can have.</remarks>
public static class MacText
{
    /// <summary>Reads 6 bytes and gives them back in lower case with colons; false also for what no interface may have: a group address, or all zero.</summary>
    public static bool TryNormalize(ReadOnlySpan<char> text, [NotNullWhen(true)] out string? mac)
    {
        mac = null;
        var dotted = text.Length == 14;
        if (!dotted && text.Length != 17)
            return false;
        var separator = dotted ? '.' : text[2];
        if (separator is not ('.' or ':' or '-') || (separator == '.') != dotted)
            return false;
        Span<char> normal = stackalloc char[17];
        var group = dotted ? 4 : 2;
        var digits = 0;
        var sum = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (i % (group + 1) == group)
            {
                if (text[i] != separator)
                    return false;
                continue;
            }

            if (!char.IsAsciiHexDigit(text[i]))
                return false;
            if (digits is > 0 && digits % 2 == 0)
                normal[(digits / 2 * 3) - 1] = ':';
            normal[(digits / 2 * 3) + (digits % 2)] = char.ToLowerInvariant(text[i]);
            sum |= text[i] == '0' ? 0 : 1;
            digits++;
        }

        // The lowest bit of the first byte marks a group address; it is in the second digit.
        if (sum == 0 || "13579bdf".Contains(normal[1], StringComparison.Ordinal))
            return false;
        mac = new string(normal);
        return true;
    }
}
