using System.Text.Json;
using Twill.Agent.Install;

namespace Twill.Agent.View;

/// <summary>One node, as the kernel and, if there is one, the agent tell it.</summary>
/// <param name="Agent">The agent's own status (twill.dev/agent-status/v1); null: none runs.</param>
/// <param name="Events">The latest, oldest first, as lines.</param>
internal sealed record StatusReport(KernelView Kernel, JsonElement? Agent, IReadOnlyList<string> Events)
{
    /// <summary>What changes with the clock, or with every look, is no news: lines of the JSON with these names.</summary>
    private static readonly string[] s_clocks = ["\"uptimeSeconds\"", "\"sinceSeconds\"", "\"passes\"", "\"audits\""];

    /// <summary>Events shown.</summary>
    private const int MaxEvents = 3;

    internal IReadOnlyList<string> Problems => [.. AgentProblems(), .. KernelProblems()];

    internal static StatusReport Read(AgentClient agent, string cniDirectory)
    {
        KernelView kernel = KernelReader.Read(cniDirectory);
        if (agent.Status() is not { } status) return new StatusReport(kernel, null, []);
        long last = status.RootElement.GetProperty("lastEvent").GetInt64();
        JsonDocument? events = agent.Events(Math.Max(0, last - MaxEvents), wait: false);
        return new StatusReport(kernel, status.RootElement, events is null ? [] : [.. EventText.Lines(events.RootElement)]);
    }

    /// <summary>Equal where a reader would see the same, apart from times.</summary>
    internal string Signature() => string.Join('\n', [.. ViewJson.Status(this).Split('\n').Where(l => !Array.Exists(s_clocks, c => l.Contains(c, StringComparison.Ordinal))), .. Kernel.Pods.Select(p => $"{p}"), .. Kernel.Unfinished, .. Events]);

    private IEnumerable<string> AgentProblems()
    {
        if (Agent is { } agent)
        {
            if (!agent.GetProperty("ready").GetBoolean()) yield return "the node is not ready: new pods have to wait; running ones work";
            foreach (JsonElement problem in agent.GetProperty("problems").EnumerateArray()) yield return problem.GetString()!;
        }
        else if (Kernel.Routes.Count > 0 || Kernel.Tunnel is not null || Kernel.Cni.Ours is not null)
        {
            yield return "the agent does not run: pods work, but nodes that come or move are not followed; systemctl start twill";
        }
    }

    private IEnumerable<string> KernelProblems()
    {
        // With an agent the list is among its own problems.
        if (Agent is null && Kernel.Cni is { Ours: not null, OursIsFirst: false }) yield return CniWords.Problem(Kernel.Cni);
        foreach (BridgeUse bridge in Kernel.Bridges.Where(b => !b.IsUp)) yield return $"bridge {bridge.Name} is down: its {bridge.Ports} pods reach nobody; ip link set {bridge.Name} up";
        if (!Kernel.ForwardsV4 && Kernel.Bridges.Any(b => b.Addresses.Any(a => !a.IsV6))) yield return "net.ipv4.ip_forward is 0: pods reach nothing beyond this node; sysctl -w net.ipv4.ip_forward=1";
        if (!Kernel.ForwardsV6 && Kernel.Bridges.Any(b => b.Addresses.Any(a => a.IsV6))) yield return "net.ipv6.conf.all.forwarding is 0: pods reach nothing beyond this node over IPv6; sysctl -w net.ipv6.conf.all.forwarding=1";
        foreach (PodUse pod in Kernel.Pods)
        {
            if (pod.Bridge is null) yield return $"pod {pod.Pod}: {pod.Host} is on no bridge; the agent puts it back, or: ip link set {pod.Host} master {NameOfBridge}";
            else if (!pod.IsUp) yield return $"pod {pod.Pod}: {pod.Host} is down; ip link set {pod.Host} up";
        }

        foreach (RouteUse route in Kernel.Routes.Where(r => !r.IsUp)) yield return $"route {route.Destination} leaves by {route.Device}, which is down or has no carrier";
    }

    private string NameOfBridge => Kernel.Bridges is [var bridge, ..] ? bridge.Name : Fabric.Model.BridgeSettings.DefaultName;

    /// <summary>Where the list of ours is, or would be.</summary>
    internal string ListPath => Path.Combine(Kernel.Cni.Directory, Kernel.Cni.Ours ?? NodeConfiguration.FileName);
}
