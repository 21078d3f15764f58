using System.Text.Json;
using Twill.Agent;
using Twill.Agent.Answers;
using Twill.Agent.Sources;
using Twill.Agent.View;
using Twill.Fabric.Keep;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Route;

namespace Twill.Tests.Agent;

/// <summary>A node of three, one near and one far, with a pod; as its agent and its kernel tell it.</summary>
internal static class AgentSamples
{
    internal static AgentSettings Settings { get; } = new() { Node = "node1", Source = new SourceChoice.Nodes("/etc/twill/nodes.yaml") };

    internal static IReadOnlyList<ClusterNode> Nodes { get; } =
    [
        Node("node1", "192.168.1.11", "10.244.1.0/24"), Node("node2", "192.168.1.12", "10.244.2.0/24"), Node("node3", "192.168.2.13", "10.244.3.0/24"),
    ];

    private static NodePlan Plan { get; } = ClusterPlan.For(
        new Cluster { Nodes = Nodes, Masquerade = true },
        Nodes[0],
        new Underlay { Device = "eth0", Addresses = [IpPrefix.Parse("192.168.1.11/24")], Why = "it has 192.168.1.11, by which the other nodes know this one" });

    internal static NodeFacts Facts { get; } = new()
    {
        Settings = Settings,
        ProcessId = 812,
        Uptime = 273_900,
        SourceName = "file /etc/twill/nodes.yaml",
        Reading = new SourceReading<ClusterNode>(Nodes, "fb787a975a1c", null, 1),
        SourceSince = 273_899,
        Frame = Plan,
        Whole = static () => Plan,
        SetSizes = static () => [.. Plan.Table!.Sets.Select(s => (s.Set.Name, s.Elements.Count))],
        Counters = new KeeperCounters(Passes: 9, Writes: 14, Applied: 12, Repairs: 2, Audits: 4565),
        Underlay = "eth0 (192.168.1.11/24, MTU 1500): it has 192.168.1.11, by which the other nodes know this one",
        Ready = true,
        ListPath = "/etc/cni/net.d/05-twill.conflist",
        LastEvent = 8,
    };

    internal static KernelView Kernel { get; } = new()
    {
        Bridges = [new BridgeUse("twill0", [IpPrefix.Parse("10.244.1.1/24"), IpPrefix.Parse("fd00:10:244:1::1/64")], 1450, true, 1)],
        Pods = [new PodUse("shop/web-0", "pods", "eth0", "twef7ko0af40102", ["10.244.1.2/24", "fd00:10:244:1::2/64"], "twill0", true, 1450, "9f1c5d7a")],
        Subnets = [new SubnetUse("twill0", IpPrefix.Parse("10.244.1.0/24"), 1, 252)],
        Routes =
        [
            new RouteUse(IpPrefix.Parse("10.244.2.0/24"), IpAddress.Parse("192.168.1.12"), "eth0", false, true),
            new RouteUse(IpPrefix.Parse("10.244.3.0/24"), IpAddress.Parse("10.244.3.0"), "twill-vx", true, true),
        ],
        Tunnel = "twill-vx",
        TunnelMtu = 1450,
        ForwardsV4 = true,
        ForwardsV6 = true,
        Tables = ["twill-node"],
        Cni = new CniFiles("/etc/cni/net.d", ["05-twill.conflist", "10-other.conflist"], "05-twill.conflist"),
    };

    internal static JsonElement Status() => JsonDocument.Parse(AgentJson.Status(Facts)).RootElement;

    private static ClusterNode Node(string name, string address, string block) => new() { Name = name, Addresses = [new IpPrefix(IpAddress.Parse(address), 24)], PodBlocks = [IpPrefix.Parse(block)] };
}
