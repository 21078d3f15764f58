namespace Twill.Cni;

/// <summary>The answer to VERSION: ours to write, or another plugin's, read.</summary>
/// <param name="CniVersion">The version of this very answer.</param>
/// <param name="SupportedVersions">As the plugin spells them; may hold versions we have never heard of.</param>
/// <remarks>Source: CNI SPEC.md 1.1.0, "VERSION"; libcni pkg/version/plugin.go.</remarks>
public sealed record CniVersionInfo(string CniVersion, IReadOnlyList<string> SupportedVersions)
{
    /// <summary>Our answer.</summary>
    /// <param name="stdin">What the runtime wrote; empty or broken is fine, then the answer bears our newest version.</param>
    public static byte[] Write(ReadOnlySpan<byte> stdin)
    {
        var json = new JsonOutput();
        json.WriteStartObject();
        json.WriteString("cniVersion"u8, NetworkConfig.PeekVersion(stdin));
        json.WriteStartArray("supportedVersions"u8);
        foreach (var version in SpecVersion.Supported)
            json.WriteStringValue(version.Text);
        json.WriteEndArray();
        json.WriteEndObject();
        return json.ToBytes();
    }

    /// <summary>Reads a plugin's answer. One without supportedVersions is from the days of 0.2.0 and speaks that and 0.1.0.</summary>
    /// <exception cref="CniException">Code 6 or 7.</exception>
    public static CniVersionInfo Parse(ReadOnlySpan<byte> utf8)
    {
        string? version = null;
        IReadOnlyList<string> supported = [];
        var json = new JsonInput(utf8, "version info");
        json.Object();
        while (json.NextKey(out var key))
        {
            switch (key)
            {
                case "cniVersion":
                    version = json.StringOrNull();
                    break;
                case "supportedVersions":
                    supported = json.Strings();
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        if (version is null)
            throw json.Invalid("cniVersion is missing");
        json.End();
        if (supported.Count == 0)
            supported = version == "0.2.0" ? ["0.1.0", "0.2.0"] : throw json.Invalid("supportedVersions is missing");
        return new CniVersionInfo(version, supported);
    }
}
