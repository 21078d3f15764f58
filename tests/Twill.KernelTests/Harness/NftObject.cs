using System.Text.Json.Nodes;

namespace Twill.KernelTests.Harness;

/// <summary>One object of `nft -j list ruleset`.</summary>
/// <param name="Kind">"table", "chain", "rule", "set", "map", ...</param>
/// <param name="Place">"inet twill" or "inet twill postrouting".</param>
/// <param name="Text">The whole object as JSON without handles: equal texts are equal objects.</param>
public sealed record NftObject(string Kind, string Table, string Place, string Text)
{
    internal static IReadOnlyList<NftObject> ReadAll(string json)
    {
        var all = new List<NftObject>();
        foreach (JsonNode? entry in JsonNode.Parse(json)!["nftables"]!.AsArray())
        {
            (string kind, JsonNode? value) = entry!.AsObject().First();
            if (kind == "metainfo") continue;
            JsonObject o = value!.AsObject();
            o.Remove("handle");
            string table = $"{(string?)o["family"]} {(string?)(o["table"] ?? o["name"])}";
            all.Add(new NftObject(kind, table, o["chain"] is { } chain ? $"{table} {(string?)chain}" : table, o.ToJsonString()));
        }

        return all;
    }
}
