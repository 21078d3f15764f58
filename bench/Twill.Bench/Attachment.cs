using System.Text.Json;

namespace Twill.Bench;

/// <summary>What the bench needs of an ADD's result.</summary>
/// <param name="Addresses">With prefix length.</param>
/// <param name="Gateways">One per address; empty strings where none is named.</param>
/// <param name="HostEnd">The first interface outside the pod that is not the bridge.</param>
public sealed record Attachment(byte[] Result, IReadOnlyList<string> Addresses, IReadOnlyList<string> Gateways, string HostEnd)
{
    /// <exception cref="JsonException">Not a result.</exception>
    public static Attachment Parse(byte[] result)
    {
        using JsonDocument document = JsonDocument.Parse(result);
        JsonElement root = document.RootElement;
        var addresses = new List<string>();
        var gateways = new List<string>();
        string hostEnd = "";
        foreach (JsonElement ip in root.GetProperty("ips").EnumerateArray())
        {
            addresses.Add(ip.GetProperty("address").GetString() ?? "");
            gateways.Add(ip.TryGetProperty("gateway", out JsonElement gateway) ? gateway.GetString() ?? "" : "");
        }

        foreach (JsonElement link in root.GetProperty("interfaces").EnumerateArray())
        {
            string name = link.GetProperty("name").GetString() ?? "";
            bool inside = link.TryGetProperty("sandbox", out JsonElement sandbox) && sandbox.GetString() is { Length: > 0 };
            if (!inside && name != Subject.Bridge && hostEnd.Length == 0) hostEnd = name;
        }

        return new Attachment(result, addresses, gateways, hostEnd);
    }
}
