using System.Globalization;
using System.Text;
using System.Text.Json;
using Twill.Cli;
using Twill.Lab;
using Twill.Plugin;

namespace Twill.Agent.View;

/// <summary>`twill status`: one screen of 80 columns, the reason on the line.</summary>
internal static class StatusText
{
    private const int Column = 12, Width = HelpText.Width;

    internal static string Draw(StatusReport report, Style style)
    {
        var text = new StringBuilder();
        IReadOnlyList<string> problems = report.Problems;
        string verdict = problems.Count == 0 ? "all good" : problems.Count == 1 ? "1 problem" : string.Create(CultureInfo.InvariantCulture, $"{problems.Count} problems");
        string head = $" twill {AboutText.Version}  {(report.Agent is { } a ? $"node {a.GetProperty("node").GetString()}" : "this node")}";
        text.Append(head).Append(' ', Math.Max(2, Width - 1 - head.Length - verdict.Length)).Append(problems.Count == 0 ? style.Good(verdict) : style.Bad(verdict)).Append('\n');
        text.Append(' ').Append(style.Unicode ? '─' : '-', Width - 2).Append('\n');
        if (report.Agent is { } agent) AgentRows(text, agent);
        else Row(text, "agent", "not running; source of what follows: kernel");
        KernelRows(text, report);
        for (int i = 0; i < report.Events.Count; i++) Row(text, i == 0 ? "events" : "", report.Events[i]);
        for (int i = 0; i < problems.Count; i++) Row(text, i == 0 ? "problems" : "", problems[i]);
        Row(text, "next", $"twill nodes {style.Dot} twill routes {style.Dot} twill doctor");
        return text.ToString();
    }

    /// <summary>"3 d 4 h", "12 s".</summary>
    internal static string Duration(long seconds) => seconds switch
    {
        < 60 => $"{seconds} s",
        < 3600 => $"{seconds / 60} min",
        < 86_400 => $"{seconds / 3600} h {seconds / 60 % 60} min",
        _ => $"{seconds / 86_400} d {seconds / 3600 % 24} h",
    };

    internal static void Row(StringBuilder text, string name, string words)
    {
        text.Append(' ').Append(name).Append(' ', Math.Max(1, Column - 1 - name.Length));
        HelpText.Fill(text, words, Column);
    }

    private static void AgentRows(StringBuilder text, JsonElement agent)
    {
        JsonElement counters = agent.GetProperty("counters"), source = agent.GetProperty("source");
        Row(text, "agent", $"{(agent.GetProperty("ready").GetBoolean() ? "ready" : "not ready")}, process {agent.GetProperty("pid").GetInt32()}, up {Duration(agent.GetProperty("uptimeSeconds").GetInt64())}; {Count(counters.GetProperty("writes").GetInt64(), "write")}, {Count(counters.GetProperty("repairs").GetInt64(), "repair")}");
        string since = Duration(source.GetProperty("sinceSeconds").GetInt64());
        Row(text, "source", source.GetProperty("connected").GetBoolean()
            ? $"{source.GetProperty("name").GetString()}: {Count(source.GetProperty("nodes").GetInt32(), "node")}, connected for {since}"
            : $"{source.GetProperty("name").GetString()}: away for {since}; what was known stays in force: {Count(source.GetProperty("nodes").GetInt32(), "node")}");
        if (agent.GetProperty("underlay").GetString() is { Length: > 0 } underlay) Row(text, "underlay", $"{underlay}; backend {agent.GetProperty("backend").GetString()}");
        if (agent.GetProperty("podMtu").ValueKind == JsonValueKind.Number) Row(text, "mtu", $"{agent.GetProperty("podMtu").GetInt32()} for pods: {agent.GetProperty("podMtuWhy").GetString()}");
        if (agent.TryGetProperty("podGsoMaxSize", out JsonElement gso) && gso.ValueKind == JsonValueKind.Number) Row(text, "segments", $"{gso.GetInt32()} for pods: {agent.GetProperty("podGsoWhy").GetString()}");
    }

    private static void KernelRows(StringBuilder text, StatusReport report)
    {
        KernelView kernel = report.Kernel;
        Row(text, "cni", kernel.Cni.Ours is null ? $"no configuration of ours in {kernel.Cni.Directory}" : kernel.Cni.OursIsFirst ? $"{report.ListPath}, first in order" : $"{report.ListPath}, but {kernel.Cni.Files![0]} comes first");
        foreach (BridgeUse bridge in kernel.Bridges) Row(text, "bridge", $"{bridge.Name} {string.Join(", ", bridge.Addresses)}, {Count(bridge.Ports, "port")}, MTU {bridge.Mtu}{(bridge.IsUp ? "" : ", down")}");
        Row(text, "pods", $"{kernel.Pods.Count} on this node{(kernel.Unfinished.Count > 0 ? $"; being attached: {string.Join(", ", kernel.Unfinished)}" : "")}");
        foreach (SubnetUse use in kernel.Subnets) Row(text, "addresses", $"{use.Subnet}: {use.Used} used, {Free(use)} free");
        int tunnels = kernel.Routes.Count(r => r.Tunnel);
        Row(text, "routes", $"{kernel.Routes.Count} to other nodes: direct {kernel.Routes.Count - tunnels}, tunnel {tunnels}{(kernel.Tunnel is { } t ? $" ({t}, MTU {kernel.TunnelMtu})" : "")}");
        Row(text, "kernel", $"forwarding IPv4 {OnOff(kernel.ForwardsV4)}, IPv6 {OnOff(kernel.ForwardsV6)}; nftables {(kernel.Tables.Count == 0 ? "none of ours" : string.Join(", ", kernel.Tables.Select(n => $"table inet {n}")))}");
    }

    internal static string Free(SubnetUse use) => use.Free > 1_000_000 ? "more than a million" : use.Free.ToString(CultureInfo.InvariantCulture);

    private static string Count(long number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";

    private static string OnOff(bool on) => on ? "on" : "off";
}
