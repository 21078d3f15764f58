using System.Text.Json.Nodes;

namespace Twill.KernelTests.Harness;

/// <summary>A link as `ip -j -d link` shows it.</summary>
public sealed record LinkState(int Index, string Name, string Kind, string Mac, int Mtu, string Master, string Alias, bool Up, IReadOnlyList<string> AltNames, JsonNode Json)
{
    internal static LinkState Of(JsonNode n) => new(
        (int)n["ifindex"]!,
        (string)n["ifname"]!,
        (string?)n["linkinfo"]?["info_kind"] ?? "",
        (string?)n["address"] ?? "",
        (int)n["mtu"]!,
        (string?)n["master"] ?? "",
        (string?)n["ifalias"] ?? "",
        n["flags"]!.AsArray().Any(f => (string?)f == "UP"),
        n["altnames"] is JsonArray names ? [.. names.Select(a => (string)a!)] : [],
        n);

    public override string ToString() => $"{Index}: {Name} ({(Kind.Length > 0 ? Kind : "-")}{(AltNames.Count > 0 ? $", also {string.Join(' ', AltNames)}" : "")})";
}
