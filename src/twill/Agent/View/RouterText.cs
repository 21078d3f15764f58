using System.Text;
using System.Text.Json;
using Twill.Fabric.Plan;
using Twill.Linux.Route;

namespace Twill.Agent.View;

/// <summary>The routes that a router beside the nodes needs, in the words of what runs there.</summary>
/// <remarks>Sources: ip-route(8); the static daemon's chapter of FRR's manual; the static protocol's chapter of BIRD 2's.</remarks>
internal static class RouterText
{
    /// <summary>The routers whose words we know.</summary>
    internal static string[] Languages { get; } = ["ip", "frr", "bird"];

    /// <param name="language">One of <see cref="Languages"/>.</param>
    internal static string Draw(IReadOnlyList<RouterRoute> routes, string language)
    {
        var text = new StringBuilder();
        foreach (bool v6 in (ReadOnlySpan<bool>)[false, true])
        {
            RouterRoute[] family = [.. routes.Where(r => r.Destination.IsV6 == v6)];
            if (family.Length == 0) continue;
            if (language == "bird") text.Append(v6 ? "protocol static twill6 {\n    ipv6;\n" : "protocol static twill4 {\n    ipv4;\n");
            foreach (RouterRoute route in family)
            {
                string[] hops = [.. route.Hops.Select(h => h.Address.ToString())];
                string nodes = string.Join(", ", route.Hops.Select(h => h.Node));
                string comment = hops.Length == 0 ? $"{route.Destination}, {route.Of}: no node to send it to" : route.Of.EndsWith($" {nodes}", StringComparison.Ordinal) ? route.Of : $"{route.Of}, by {nodes}";
                text.Append(language switch
                {
                    _ when hops.Length == 0 => $"{(language == "frr" ? "!" : "#")} {comment}\n",
                    "bird" => $"    route {route.Destination} {string.Join(' ', hops.Select(h => $"via {h}"))}; # {comment}\n",
                    "frr" => $"! {comment}\n{string.Concat(hops.Select(h => $"{(v6 ? "ipv6" : "ip")} route {route.Destination} {h}\n"))}",
                    _ => $"ip {(v6 ? "-6 " : "")}route replace {route.Destination} {(hops.Length == 1 ? $"via {hops[0]}" : string.Join(' ', hops.Select(h => $"nexthop via {h}")))} # {comment}\n",
                });
            }

            if (language == "bird") text.Append("}\n");
        }

        return text.ToString();
    }

    /// <summary>As the agent answers GET /router.</summary>
    internal static IReadOnlyList<RouterRoute> Read(JsonElement answer)
        => [.. answer.GetProperty("routes").EnumerateArray().Select(r => new RouterRoute(IpPrefix.Parse(r.GetProperty("destination").GetString()!), r.GetProperty("of").GetString()!, [.. r.GetProperty("via").EnumerateArray().Select(h => new RouterHop(h.GetProperty("node").GetString()!, IpAddress.Parse(h.GetProperty("address").GetString()!)))]))];
}
