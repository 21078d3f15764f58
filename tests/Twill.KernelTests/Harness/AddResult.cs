using System.Text.Json.Nodes;

namespace Twill.KernelTests.Harness;

/// <summary>A CNI result of 0.3.0 to 1.1.0, read by nobody's code but this.</summary>
public sealed record AddResult(JsonObject Json, IReadOnlyList<AddResult.Link> Interfaces, IReadOnlyList<AddResult.Ip> Ips)
{
    public sealed record Link(string Name, string Mac, int Mtu, string Sandbox);

    /// <param name="Address">With prefix length.</param>
    /// <param name="Interface">Index into <see cref="Interfaces"/>; -1 without one.</param>
    public sealed record Ip(string Address, string Gateway, int Interface);

    /// <summary>The addresses without prefix length.</summary>
    public IReadOnlyList<string> Addresses => [.. Ips.Select(i => i.Address.Split('/')[0])];

    public static AddResult Of(JsonObject json) => new(
        json,
        [.. (json["interfaces"]?.AsArray() ?? []).Select(i => new Link((string?)i!["name"] ?? "", (string?)i["mac"] ?? "", (int?)i["mtu"] ?? 0, (string?)i["sandbox"] ?? ""))],
        [.. (json["ips"]?.AsArray() ?? []).Select(i => new Ip((string?)i!["address"] ?? "", (string?)i["gateway"] ?? "", (int?)i["interface"] ?? -1))]);

    /// <summary>Where the result is not true: interfaces, MAC, MTU and addresses are compared with the pod's namespace (A13), gateways pinged.</summary>
    /// <returns>One line for each lie; empty when all is as written.</returns>
    public IReadOnlyList<string> Problems(Pod pod, string ifName)
    {
        var problems = new List<string>();
        IReadOnlyList<LinkState> links = pod.Links();
        foreach (Link said in Interfaces.Where(i => i.Sandbox.Length > 0))
        {
            if (said.Sandbox != pod.Path) problems.Add($"{said.Name} is said to be in {said.Sandbox}, not {pod.Path}");
            if (links.FirstOrDefault(l => l.Name == said.Name) is not { } real) problems.Add($"{said.Name} is said to be in the pod, there are {string.Join(", ", links)}");
            else if (said.Mac != real.Mac) problems.Add($"{said.Name} has MAC {real.Mac}, said {said.Mac}");
            else if (said.Mtu != 0 && said.Mtu != real.Mtu) problems.Add($"{said.Name} has MTU {real.Mtu}, said {said.Mtu}");
            else if (!real.Up) problems.Add($"{said.Name} is down");
        }

        if (!Interfaces.Any(i => i.Name == ifName && i.Sandbox.Length > 0)) problems.Add($"the result does not list {ifName}");
        if (links.All(l => l.Name != ifName))
        {
            problems.Add($"there is no {ifName} in the pod");
            return problems;
        }

        string[] have = [.. pod.Addresses(ifName).Order(StringComparer.Ordinal)], want = [.. Ips.Select(i => i.Address).Order(StringComparer.Ordinal)];
        if (!have.SequenceEqual(want)) problems.Add($"{ifName} has {string.Join(' ', have)}, said {string.Join(' ', want)}");
        foreach (Ip ip in Ips)
        {
            if (ip.Gateway.Length > 0 && pod.PingProblem(ip.Gateway) is { } problem) problems.Add(problem);
        }

        return problems;
    }
}
