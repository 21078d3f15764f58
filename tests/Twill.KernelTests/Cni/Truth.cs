using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;

namespace Twill.KernelTests.Cni;

/// <summary>Compares every field of a result, of any version's form, with the kernel (A13).</summary>
internal static class Truth
{
    /// <returns>One line for each lie or omission; empty when all is as written, and all is written.</returns>
    internal static IReadOnlyList<string> Problems(HostNamespace host, Pod pod, string ifName, JsonObject result)
    {
        var problems = new List<string>();
        JsonArray interfaces = result["interfaces"]?.AsArray() ?? [];
        IReadOnlyList<LinkState> outside = host.Look().Links, inside = pod.Links();
        foreach (JsonNode? said in interfaces)
        {
            string name = (string)said!["name"]!, sandbox = (string?)said["sandbox"] ?? "";
            if (sandbox.Length > 0 && sandbox != pod.Path) problems.Add($"{name} is said to be in {sandbox}, CNI_NETNS is {pod.Path}");
            if ((sandbox.Length > 0 ? inside : outside).FirstOrDefault(l => l.Name == name) is not { } real) problems.Add($"{name} is not there");
            else if ((string?)said["mac"] != real.Mac) problems.Add($"{name} has MAC {real.Mac}, said {(string?)said["mac"]}");
            else if ((int?)said["mtu"] is { } mtu && mtu != real.Mtu) problems.Add($"{name} has MTU {real.Mtu}, said {mtu}");
        }

        if (interfaces.Count > 0 && !interfaces.Any(i => (string?)i!["name"] == ifName && (string?)i["sandbox"] == pod.Path)) problems.Add($"the result does not list {ifName}");
        Addresses(pod, ifName, result, interfaces, problems);
        Routes(pod, ifName, result, problems);
        return problems;
    }

    private static void Addresses(Pod pod, string ifName, JsonObject result, JsonArray interfaces, List<string> problems)
    {
        var said = new List<string>();
        if (result["ips"] is JsonArray ips)
        {
            foreach (JsonNode? ip in ips)
            {
                said.Add((string)ip!["address"]!);
                int index = (int?)ip["interface"] ?? -1;
                if (index < 0 || index >= interfaces.Count || (string?)interfaces[index]!["name"] != ifName) problems.Add($"{ip["address"]} points to interface {index}");
            }
        }

        foreach (string key in (string[])["ip4", "ip6"])
        {
            if (result[key]?["ip"] is { } ip) said.Add((string)ip!);
        }

        string[] have = [.. pod.Addresses(ifName).Order(StringComparer.Ordinal)], want = [.. said.Order(StringComparer.Ordinal)];
        if (!have.SequenceEqual(want)) problems.Add($"{ifName} has {string.Join(' ', have)}, said {string.Join(' ', want)}");
    }

    private static void Routes(Pod pod, string ifName, JsonObject result, List<string> problems)
    {
        List<RouteState> said = [.. new[] { result["routes"], result["ip4"]?["routes"], result["ip6"]?["routes"] }.SelectMany(r => r?.AsArray() ?? []).Select(r => RouteState.Said(r!))];
        var real = pod.Routes().Where(r => r.Device == ifName).ToList();
        foreach (RouteState route in said)
        {
            if (!real.Exists(r => r.Is(route))) problems.Add($"{route} is not there: {string.Join("; ", real)}");
        }

        foreach (RouteState route in real)
        {
            if (!said.Exists(route.Is)) problems.Add($"{route} is there and not said: {string.Join("; ", said)}");
        }
    }
}
