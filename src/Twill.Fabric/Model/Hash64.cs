namespace Twill.Fabric.Model;

/// <summary>A 64-bit hash that is the same on every machine and in every version: names in the kernel are made of it.</summary>
/// <remarks>
/// FNV-1a over UTF-16 code units, then a finaliser that spreads the last ones. Not against an adversary: whoever chooses container
/// ids may already attach containers, and the full owner stands beside every hash. Source: draft-eastlake-fnv; MurmurHash3 fmix64.
/// </remarks>
public static class Hash64
{
    public static ulong Of(ReadOnlySpan<char> text, ulong seed = 0xcbf29ce484222325)
    {
        ulong hash = seed;
        foreach (char c in text)
        {
            hash = (hash ^ (byte)c) * 0x100000001b3;
            hash = (hash ^ (byte)(c >> 8)) * 0x100000001b3;
        }

        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccd;
        hash ^= hash >> 33;
        hash *= 0xc4ceb9fe1a85ec53;
        return hash ^ (hash >> 33);
    }

    /// <summary>The low bits of a hash as letters a to z and digits 2 to 7, five bits each.</summary>
    public static string Base32(ulong value, int characters) => string.Create(characters, value, static (text, rest) =>
    {
        for (int i = text.Length - 1; i >= 0; i--, rest >>= 5) text[i] = "abcdefghijklmnopqrstuvwxyz234567"[(int)(rest & 31)];
    });
}
