using System.Globalization;

namespace Twill.Linux.Route;

/// <summary>An address with a prefix length. Host bits may be set, as in an interface's 10.244.1.1/24; <see cref="Network"/> clears them.</summary>
public readonly record struct IpPrefix(IpAddress Address, int Length)
{
    public bool IsV6 => Address.IsV6;

    /// <summary>The same prefix with its host bits zero.</summary>
    public IpPrefix Network => new(First, Length);

    /// <summary>Lowest address.</summary>
    public IpAddress First => new(Address.Value & ~HostMask, IsV6);

    /// <summary>Highest address; of an IPv4 subnet the broadcast address.</summary>
    public IpAddress Last => new(Address.Value | HostMask, IsV6);

    public bool Contains(IpAddress address) => address.IsV6 == IsV6 && (address.Value & ~HostMask) == First.Value;

    public bool Overlaps(IpPrefix other) => Contains(other.First) || other.Contains(First);

    /// <remarks>A shift by 128 would be one by 0.</remarks>
    private UInt128 HostMask => Length == Address.Bits ? UInt128.Zero : UInt128.MaxValue >> (128 - (Address.Bits - Length));

    /// <summary>"10.244.1.0/24"; the prefix length is required.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IpPrefix prefix)
    {
        prefix = default;
        int slash = text.IndexOf('/');
        if (slash < 0 || !IpAddress.TryParse(text[..slash], out IpAddress address)) return false;
        if (!int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int length) || length > address.Bits) return false;
        prefix = new IpPrefix(address, length);
        return true;
    }

    public static IpPrefix Parse(string text) => TryParse(text, out IpPrefix prefix) ? prefix : throw new FormatException($"\"{text}\" is not an address with a prefix length");

    public override string ToString() => $"{Address}/{Length}";
}
