using System.Text.Json.Nodes;

namespace Twill.KernelTests.Harness;

/// <summary>What a host holds, read by iproute2 and nft: no code shared with Twill.</summary>
/// <param name="Neighbours">Permanent entries only: the others come and go by themselves.</param>
/// <param name="Rules">The ruleset's objects, without handles; sets have their elements.</param>
public sealed record HostState(IReadOnlyList<LinkState> Links, IReadOnlyList<JsonNode> Neighbours, IReadOnlyList<NftObject> Rules)
{
    public LinkState? Link(string name) => Links.FirstOrDefault(l => l.Name == name || l.AltNames.Contains(name));

    internal static HostState Read(HostNamespace host)
    {
        string[] answers = host.Exec("ip", ["-j", "-d", "-batch", "-"], "link show\nneigh show nud permanent\n").Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var links = JsonNode.Parse(answers[0])!.AsArray().Select(n => LinkState.Of(n!)).ToList();
        var neighbours = answers.Length > 1 ? JsonNode.Parse(answers[1])!.AsArray().Select(n => n!).ToList() : [];
        return new HostState(links, neighbours, NftObject.ReadAll(host.Exec("nft", ["-j", "list", "ruleset"]).Succeeded()));
    }
}
