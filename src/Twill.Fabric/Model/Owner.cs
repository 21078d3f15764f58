using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>Who an attachment belongs to: a container and the name of its interface. Unique on a node.</summary>
/// <remarks>
/// Written on the host end as its alternative name, last: the commit mark. Neither part may hold a colon (CNI specification,
/// "Parameters"; interface names by the kernel), so the text has one reading.
/// </remarks>
public readonly record struct Owner(string ContainerId, string IfName)
{
    private const string Prefix = "twill:";
    private const string IfbPrefix = "twill-ifb:";

    /// <summary>Longest container id that is written in full: IFALIASZ-like names hold 127 characters, see <see cref="AltName"/>.</summary>
    private const int MaxPlainId = 127 - 10 - 1 - 15;

    /// <summary>"twill:ID:IFNAME", at most 127 characters; a longer id is replaced by 128 bits of hash.</summary>
    public string AltName => $"{Prefix}{Key}";

    /// <summary>The same on the ifb device that shapes what the pod sends.</summary>
    public string IfbAltName => $"{IfbPrefix}{Key}";

    /// <summary>"ID:IFNAME", what is compared.</summary>
    public string Key => $"{(ContainerId.Length <= MaxPlainId ? ContainerId : Shortened(ContainerId))}:{IfName}";

    /// <summary>
    /// Hardware address of the host end: 40 bits of the owner's hash, so that an attachment that was never finished is still
    /// recognised. It is set by the message that makes the pair. Traffic never uses it: pods speak to the bridge's address.
    /// </summary>
    public MacAddress HostMac => HostMacOf(Key);

    /// <summary>Name of the mark held while an ADD is at work, see <see cref="Linux.Sys.LiveMark"/>.</summary>
    public string LiveMarkName => LiveMarkNameOf(HostMac);

    /// <inheritdoc cref="HostMac"/>
    /// <param name="key">"ID:IFNAME".</param>
    public static MacAddress HostMacOf(ReadOnlySpan<char> key) => new(0x0e0000000000 | (Hash64.Of(key) & 0xffffffffff));

    public static string LiveMarkNameOf(MacAddress hostMac) => $"twill:add:{hostMac}";

    /// <summary>Whether an alternative name is an owner's, of a veth or an ifb; then its "ID:IFNAME".</summary>
    public static bool TryParseAltName(ReadOnlySpan<char> altName, out ReadOnlySpan<char> key)
    {
        key = altName.StartsWith(Prefix, StringComparison.Ordinal) ? altName[Prefix.Length..] : altName.StartsWith(IfbPrefix, StringComparison.Ordinal) ? altName[IfbPrefix.Length..] : [];
        return !key.IsEmpty;
    }

    public override string ToString() => $"container {ContainerId} interface {IfName}";

    private static string Shortened(string id) => $"#{Hash64.Base32(Hash64.Of(id), 13)}{Hash64.Base32(Hash64.Of(id, seed: 0x9e3779b97f4a7c15), 13)}";
}
