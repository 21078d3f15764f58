using System.Text.Json;
using Twill.Agent.Answers;
using Twill.Agent.View;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Agent;

/// <summary>What routers beside the nodes are told.</summary>
public sealed class RouterTests
{
    private static readonly ClusterNode[] s_nodes =
    [
        Node("node1", ["192.168.1.11/24", "fd00:192:168:1::11/64"], "10.244.1.0/24", "fd00:10:244:1::/64"),
        Node("node2", ["192.168.1.12/24"], "10.244.2.0/24", "fd00:10:244:2::/64"),
    ];

    private static ClusterNode Node(string name, string[] addresses, params string[] blocks)
        => new() { Name = name, Addresses = [.. addresses.Select(IpPrefix.Parse)], PodBlocks = [.. blocks.Select(IpPrefix.Parse)] };

    private static ServiceDescription Service(string name, TrafficPolicy policy, string[] endpointsOn, params string[] addresses) => new()
    {
        Namespace = "default",
        Name = name,
        LoadBalancerIps = [.. addresses.Select(IpAddress.Parse)],
        ExternalPolicy = policy,
        Ports = [new ServicePort("", ServiceProtocol.Tcp, 80)],
        Endpoints = [.. endpointsOn.Select((n, i) => new EndpointDescription { Address = IpAddress.Parse($"10.244.{i + 1}.2"), Ports = new Dictionary<string, ushort> { [""] = 80 }, Node = n })],
    };

    private static IReadOnlyList<RouterRoute> Routes { get; } = RouterPlan.Of(s_nodes,
    [
        Service("web", TrafficPolicy.Cluster, ["node2"], "192.168.1.240"),
        Service("shop", TrafficPolicy.Local, ["node2"], "192.168.1.241", "fd00:192:168:1::241"),
        Service("idle", TrafficPolicy.Local, [], "192.168.1.242"),
        Service("also", TrafficPolicy.Local, ["node1"], "192.168.1.241"),
    ]);

    [Fact]
    public void Plan_BlocksAndAddresses_GoToThoseWhoTakeThem()
    {
        string[] lines = [.. Routes.Select(r => $"{r.Destination} [{r.Of}] {string.Join(",", r.Hops.Select(h => h.Address).Order())}")];
        Assert.Equal(
        [
            "10.244.1.0/24 [pods of node1] 192.168.1.11",
            "fd00:10:244:1::/64 [pods of node1] fd00:192:168:1::11",
            "10.244.2.0/24 [pods of node2] 192.168.1.12",
            "fd00:10:244:2::/64 [pods of node2] ",
            "192.168.1.240/32 [service default/web] 192.168.1.11,192.168.1.12",
            "192.168.1.241/32 [service default/also, default/shop] 192.168.1.11,192.168.1.12",
            "192.168.1.242/32 [service default/idle] ",
            "fd00:192:168:1::241/128 [service default/shop] ",
        ],
        lines);
    }

    [Fact]
    public void Plan_ManyNodes_AnAddressGoesToAFewAndEachToOthers()
    {
        ClusterNode[] nodes = [.. Enumerable.Range(1, 40).Select(i => Node($"n{i}", [$"192.168.1.{i}/24"], $"10.244.{i}.0/24"))];
        RouterRoute[] routes = [.. RouterPlan.Of(nodes, [.. Enumerable.Range(1, 40).Select(i => Service($"s{i}", TrafficPolicy.Cluster, ["n1"], $"192.168.2.{i}"))]).Where(r => r.Of.StartsWith("service", StringComparison.Ordinal))];
        Assert.All(routes, r => Assert.Equal(RouterPlan.MaxHops, r.Hops.Distinct().Count()));
        Assert.InRange(routes.SelectMany(r => r.Hops).Distinct().Count(), 35, 40);
    }

    [Fact]
    public void Text_InEachLanguage()
    {
        RouterRoute[] routes = [.. Routes.Where(r => r.Of is "pods of node1" or "service default/web" or "service default/idle")];
        string[] hops = [.. routes[2].Hops.Select(h => h.Address.ToString())], by = [.. routes[2].Hops.Select(h => h.Node)];
        Assert.Equal($"""
            ip route replace 10.244.1.0/24 via 192.168.1.11 # pods of node1
            ip route replace 192.168.1.240/32 nexthop via {hops[0]} nexthop via {hops[1]} # service default/web, by {by[0]}, {by[1]}
            # 192.168.1.242/32, service default/idle: no node to send it to
            ip -6 route replace fd00:10:244:1::/64 via fd00:192:168:1::11 # pods of node1

            """, RouterText.Draw(routes, "ip"));
        Assert.Equal($"""
            ! pods of node1
            ip route 10.244.1.0/24 192.168.1.11
            ! service default/web, by {by[0]}, {by[1]}
            ip route 192.168.1.240/32 {hops[0]}
            ip route 192.168.1.240/32 {hops[1]}
            ! 192.168.1.242/32, service default/idle: no node to send it to
            ! pods of node1
            ipv6 route fd00:10:244:1::/64 fd00:192:168:1::11

            """, RouterText.Draw(routes, "frr"));
        Assert.Equal($$"""
            protocol static twill4 {
                ipv4;
                route 10.244.1.0/24 via 192.168.1.11; # pods of node1
                route 192.168.1.240/32 via {{hops[0]}} via {{hops[1]}}; # service default/web, by {{by[0]}}, {{by[1]}}
            # 192.168.1.242/32, service default/idle: no node to send it to
            }
            protocol static twill6 {
                ipv6;
                route fd00:10:244:1::/64 via fd00:192:168:1::11; # pods of node1
            }

            """, RouterText.Draw(routes, "bird"));
    }

    [Fact]
    public void Answer_ReadAgain_IsTheSame()
    {
        IReadOnlyList<RouterRoute> read = RouterText.Read(JsonDocument.Parse(AgentJson.Router(AgentSamples.Facts)).RootElement);
        Assert.Equal(RouterText.Draw(RouterPlan.Of(AgentSamples.Facts.Reading.Items!, []), "frr"), RouterText.Draw(read, "frr"));
        Assert.NotEmpty(read);
    }
}
