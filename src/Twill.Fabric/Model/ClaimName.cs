using System.Globalization;
using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>The names by which the kernel itself keeps each address single (DESIGN I1).</summary>
/// <remarks>
/// "tw", five letters for the network, then the address: eight hexadecimal digits of an IPv4 address (15 characters, so it can be
/// an interface's name), or a hyphen and 32 digits of an IPv6 address (an alternative name only). A function of network and address
/// alone, and names and alternative names share one space in the kernel, so the second claim of an address gets EEXIST whoever asks,
/// in whatever order, with whatever configuration.
/// </remarks>
public static class ClaimName
{
    public const string Prefix = "tw";
    private const int TagLength = 5;
    private const int HeadLength = 2 + TagLength;

    /// <summary>Five letters for a network's name: 25 bits. Two networks with one tag would only hide addresses from each other.</summary>
    public static string Tag(string network) => Hash64.Base32(Hash64.Of(network), TagLength);

    public static string Of(string tag, IpAddress address) => address.IsV6
        ? string.Create(CultureInfo.InvariantCulture, $"{Prefix}{tag}-{address.Value:x32}")
        : string.Create(CultureInfo.InvariantCulture, $"{Prefix}{tag}{(uint)address.Value:x8}");

    /// <summary>Name of the host end of an attachment without an IPv4 address: no hexadecimal digit begins with x.</summary>
    public static string OfOwner(string tag, Owner owner) => $"{Prefix}{tag}x{Hash64.Base32(Hash64.Of(owner.Key), 7)}";

    /// <summary>Name of the ifb device that goes with a host end.</summary>
    public static string IfbOf(string hostName) => $"ti{hostName[2..]}";

    /// <summary>Name of the host end that an ifb device goes with.</summary>
    public static string HostOf(string ifbName) => $"{Prefix}{ifbName[2..]}";

    /// <summary>Whether a link's name is one of ours of this network: a host end.</summary>
    public static bool IsHostEnd(ReadOnlySpan<char> name, string tag) => name.Length == 15 && name.StartsWith(Prefix, StringComparison.Ordinal) && name[2..HeadLength].SequenceEqual(tag);

    public static bool IsIfb(ReadOnlySpan<char> name, string tag) => name.Length == 15 && name.StartsWith("ti", StringComparison.Ordinal) && name[2..HeadLength].SequenceEqual(tag);

    /// <summary>The address a name or alternative name claims in this network.</summary>
    public static bool TryParse(ReadOnlySpan<char> name, string tag, out IpAddress address)
    {
        address = default;
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || name.Length < HeadLength + 8 || !name[2..HeadLength].SequenceEqual(tag)) return false;
        ReadOnlySpan<char> digits = name[HeadLength..];
        if (digits.Length == 8 && uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint v4))
        {
            address = IpAddress.V4(v4);
            return true;
        }

        if (digits.Length != 33 || digits[0] != '-' || !UInt128.TryParse(digits[1..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 v6)) return false;
        address = new IpAddress(v6, true);
        return true;
    }
}
