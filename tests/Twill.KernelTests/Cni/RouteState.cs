using System.Globalization;
using System.Text.Json.Nodes;

namespace Twill.KernelTests.Cni;

/// <summary>A route as `ip -j -d route` shows it, or as a CNI result says it; what is not said is null.</summary>
/// <param name="Destination">Always with its prefix length: 0.0.0.0/0.</param>
internal sealed record RouteState(string Destination, string? Gateway, string Device, long? Metric, long? Table, long? Mtu, long? AdvMss, long? Scope)
{
    internal static RouteState Of(JsonNode route, bool v6)
    {
        string destination = (string)route["dst"]!;
        if (destination == "default") destination = v6 ? "::/0" : "0.0.0.0/0";
        else if (!destination.Contains('/', StringComparison.Ordinal)) destination += v6 ? "/128" : "/32";
        JsonNode? metrics = route["metrics"]?.AsArray().FirstOrDefault();
        return new RouteState(
            destination,
            (string?)route["gateway"],
            (string?)route["dev"] ?? "",
            (long?)route["metric"],
            (string?)route["table"] is { } table ? TableOf(table) : null,
            (long?)metrics?["mtu"],
            (long?)metrics?["advmss"],
            (string?)route["scope"] switch { "link" => 253, "host" => 254, "site" => 200, "nowhere" => 255, _ => 0 });
    }

    /// <summary>As a CNI result has it.</summary>
    internal static RouteState Said(JsonNode route) => new(
        (string)route["dst"]!, (string?)route["gw"], "", (long?)route["priority"], (long?)route["table"], (long?)route["mtu"], (long?)route["advmss"], (long?)route["scope"]);

    /// <summary>Whether this route of the kernel is the one that a result says; what the result leaves open may be anything.</summary>
    internal bool Is(RouteState said)
        => Destination == said.Destination && (said.Gateway is null || Gateway == said.Gateway) && (said.Metric is null || Metric == said.Metric) && (said.Table is null or 254 || Table == said.Table)
            && (said.Mtu is null || Mtu == said.Mtu) && (said.AdvMss is null || AdvMss == said.AdvMss) && (said.Scope is null || Scope == said.Scope);

    private static long TableOf(string name) => name switch
    {
        "main" => 254,
        "local" => 255,
        "default" => 253,
        _ => long.Parse(name, CultureInfo.InvariantCulture),
    };
}
