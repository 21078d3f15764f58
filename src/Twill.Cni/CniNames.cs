using System.Text;

namespace Twill.Cni;

/// <summary>The rules for names: networks and containers by the specification, interfaces by the kernel.</summary>
public static class CniNames
{
    /// <summary>IFNAMSIZ without the terminating zero, in bytes.</summary>
    public const int MaxIfNameBytes = 15;

    /// <summary>NAME_MAX: libcni keeps the result in a file called network-container-interface, so no longer name comes from it.</summary>
    public const int MaxIdentifierLength = 255;

    /// <summary>Null when the text is a network name or container id, else why not.</summary>
    /// <remarks>Source: CNI SPEC.md 1.1.0, sections 1 and 2: an alphanumeric character, then alphanumerics, '_', '.', '-'.</remarks>
    public static string? IdentifierProblem(string text)
    {
        if (text.Length == 0)
            return "must not be empty";
        if (text.Length > MaxIdentifierLength)
            return $"is {text.Length} characters long, at most {MaxIdentifierLength} are allowed";
        if (!char.IsAsciiLetterOrDigit(text[0]))
            return "must begin with a letter or a digit";
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-'))
                return "may hold letters, digits, '_', '.' and '-' only";
        }

        return null;
    }

    /// <summary>Null when the text names an interface, else why not.</summary>
    /// <param name="text">The name.</param>
    /// <param name="toCreate">Also refuse '%': the kernel takes it for a template and would make "eth0" of "eth%d".</param>
    /// <remarks>
    /// Source: libcni pkg/utils ValidateInterfaceName; net/core/dev.c dev_valid_name, which looks at bytes and counts 0xa0
    /// as a space, and dev_get_valid_name for '%'.
    /// </remarks>
    public static string? IfNameProblem(string text, bool toCreate)
    {
        if (text.Length == 0)
            return "must not be empty";
        if (text is "." or "..")
            return "must not be \".\" or \"..\"";
        if (text.Length > MaxIfNameBytes || Encoding.UTF8.GetByteCount(text) > MaxIfNameBytes)
            return $"is longer than {MaxIfNameBytes} bytes";
        Span<byte> utf8 = stackalloc byte[MaxIfNameBytes];
        foreach (var b in utf8[..Encoding.UTF8.GetBytes(text, utf8)])
        {
            if (b is (byte)'/' or (byte)':')
                return "must not contain '/' or ':'";
            if (b is (byte)' ' or (>= 9 and <= 13) or 0xa0)
                return "must not contain white space";
            if (b == (byte)'%' && toCreate)
                return "must not contain '%', which the kernel takes for a template";
        }

        return null;
    }
}
