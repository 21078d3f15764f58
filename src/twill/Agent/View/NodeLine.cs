using System.Text.Json;

namespace Twill.Agent.View;

/// <summary>A node of the cluster, as this node sees it.</summary>
/// <param name="Name">Empty: the kernel alone does not know it.</param>
/// <param name="Way">"self", "direct", "tunnel", "router"; "none": not reached.</param>
internal sealed record NodeLine(string Name, IReadOnlyList<string> Addresses, IReadOnlyList<string> Blocks, string Way)
{
    /// <param name="nodes">twill.dev/agent-nodes/v1.</param>
    internal static IReadOnlyList<NodeLine> Of(JsonElement nodes) =>
    [
        .. nodes.GetProperty("nodes").EnumerateArray().Select(n => new NodeLine(
            n.GetProperty("name").GetString()!,
            [.. n.GetProperty("addresses").EnumerateArray().Select(a => a.GetString()!)],
            [.. n.GetProperty("blocks").EnumerateArray().Select(a => a.GetString()!)],
            n.GetProperty("way").GetString()!)),
    ];

    /// <summary>Without an agent: who is behind our routes, by address.</summary>
    internal static IReadOnlyList<NodeLine> Of(KernelView kernel) =>
    [
        .. kernel.Subnets.GroupBy(s => s.Bridge).Select(g => new NodeLine("", [], [.. g.Select(s => s.Subnet.ToString())], "self")),
        .. kernel.Routes.Select(r => new NodeLine("", r is { Tunnel: false, Via: { } via } ? [via.ToString()] : [], [r.Destination.ToString()], r.Tunnel ? "tunnel" : "direct")),
    ];
}
