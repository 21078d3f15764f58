using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Route;

namespace Twill.Lab;

/// <summary>The lab's address plan: the lecture's, and beside each IPv4 address an IPv6 one that reads like it.</summary>
internal static class LabAddresses
{
    internal const string Bridge = "v-net-0", Lan = "lan", FarLan = "lan2", Uplink = "eth0", PodInterface = "eth0", Network = "lab";

    internal const int MaxNodes = 200, MaxPodsPerNode = 250;

    internal static IpPrefix LanV4 { get; } = IpPrefix.Parse("192.168.1.0/24");

    internal static IpPrefix LanV6 { get; } = IpPrefix.Parse("fd00:192:168:1::/64");

    /// <summary>The second LAN, behind the router.</summary>
    internal static IpPrefix FarLanV4 { get; } = IpPrefix.Parse("192.168.2.0/24");

    internal static IpPrefix FarLanV6 { get; } = IpPrefix.Parse("fd00:192:168:2::/64");

    internal static IpPrefix PodsV4 { get; } = IpPrefix.Parse("10.244.0.0/16");

    /// <summary>fd00:10:244:1::/64 up to fd00:10:244:200::/64.</summary>
    internal static IpPrefix PodsV6 { get; } = IpPrefix.Parse("fd00:10:244::/48");

    internal static IpPrefix RouterV4 { get; } = IpPrefix.Parse("192.168.1.1/24");

    internal static IpPrefix RouterV6 { get; } = IpPrefix.Parse("fd00:192:168:1::1/64");

    internal static IpPrefix FarRouterV4 { get; } = IpPrefix.Parse("192.168.2.1/24");

    internal static IpPrefix FarRouterV6 { get; } = IpPrefix.Parse("fd00:192:168:2::1/64");

    /// <summary>Of services, which no interface has: 10.96.0.1 up to 10.96.0.14.</summary>
    internal static IpPrefix ServicesV4 { get; } = IpPrefix.Parse("10.96.0.0/24");

    internal static IpPrefix ServicesV6 { get; } = IpPrefix.Parse("fd00:10:96::/64");

    /// <summary>Last numbers on the LAN: behind those of all nodes.</summary>
    private const int FirstLoadBalancer = 240;

    /// <summary>What <see cref="LoadBalancer"/> gives lies in these.</summary>
    internal static IpPrefix LoadBalancersV4 { get; } = IpPrefix.Parse("192.168.1.240/28");

    internal static IpPrefix LoadBalancersV6 { get; } = IpPrefix.Parse("fd00:192:168:1::240/123");

    /// <summary>What the lab's pods know as the internet. Source: both are addresses that everybody has pinged once.</summary>
    internal static IpPrefix InternetV4 { get; } = IpPrefix.Parse("8.8.8.8/32");

    internal static IpPrefix InternetV6 { get; } = IpPrefix.Parse("2001:4860:4860::8888/128");

    /// <summary>Between router and internet: documentation prefixes (RFC 5737, RFC 3849).</summary>
    internal static IpPrefix BorderRouterV4 { get; } = IpPrefix.Parse("203.0.113.1/24");

    internal static IpPrefix BorderInternetV4 { get; } = IpPrefix.Parse("203.0.113.8/24");

    internal static IpPrefix BorderRouterV6 { get; } = IpPrefix.Parse("2001:db8:113::1/64");

    internal static IpPrefix BorderInternetV6 { get; } = IpPrefix.Parse("2001:db8:113::8/64");

    /// <summary>All prefixes that the lab's addresses are of.</summary>
    internal static IReadOnlyList<IpPrefix> Everything { get; } = [LanV4, LanV6, FarLanV4, FarLanV6, PodsV4, PodsV6, BorderRouterV4.Network, BorderRouterV6.Network, InternetV4, InternetV6];

    internal static ClusterNode Node(int index, bool v6, bool v4 = true, bool far = false)
    {
        int lan = far ? 2 : 1;
        IpPrefix[] addresses = [IpPrefix.Parse($"192.168.{lan}.{10 + index}/24"), IpPrefix.Parse($"fd00:192:168:{lan}::{10 + index}/64")];
        IpPrefix[] blocks = [IpPrefix.Parse($"10.244.{index}.0/24"), IpPrefix.Parse($"fd00:10:244:{index}::/64")];
        return new ClusterNode
        {
            Name = LabNames.Node(index),
            Addresses = Of(addresses, v4, v6),
            PodBlocks = Of(blocks, v4, v6),
        };
    }

    /// <param name="far">Which nodes are on the second LAN.</param>
    internal static Cluster Cluster(IEnumerable<int> nodes, bool v6, bool v4, Func<int, bool> far) => new()
    {
        Nodes = [.. nodes.Select(i => Node(i, v6, v4, far(i)))],
        Device = Uplink,
        Gateways = [.. Of([RouterV4, RouterV6, FarRouterV4, FarRouterV6], v4, v6).Select(r => r.Address)],
    };

    /// <summary>Of a node's end on the LAN: it reads like its IPv4 address, and stays when the families change.</summary>
    internal static MacAddress UplinkMac(int index) => PodPlan.MacOf(IpPrefix.Parse($"192.168.1.{10 + index}/24").Address);

    /// <summary>Of an end without an address, by its name.</summary>
    internal static MacAddress PortMac(string name) => new(0x0a5900000000 | (Hash64.Of(name, seed: 0x1ab) & 0xffffffff));

    /// <summary>A service's own address.</summary>
    internal static IpAddress Service(int number, bool v6) => IpAddress.Parse(v6 ? $"fd00:10:96::{number}" : $"10.96.0.{number}");

    /// <summary>A service's address on the LAN.</summary>
    internal static IpAddress LoadBalancer(int number, bool v6) => IpAddress.Parse(v6 ? $"fd00:192:168:1::{FirstLoadBalancer + number - 1}" : $"192.168.1.{FirstLoadBalancer + number - 1}");

    /// <summary>The CNI configuration that a container runtime would have for this node.</summary>
    /// <param name="node">Its blocks are the ranges.</param>
    /// <param name="requested">Addresses that the runtime asks for; none: the plugin chooses.</param>
    /// <param name="mtu">Bytes.</param>
    internal static string Configuration(ClusterNode node, int mtu, params IReadOnlyList<IpPrefix> requested)
    {
        string ranges = string.Join(", ", node.PodBlocks.Select(b => $$"""[{ "subnet": "{{b}}" }]"""));
        List<IpPrefix> except = Of(mtu < Mtu.Ethernet.Value ? [PodsV4, LanV4, FarLanV4, PodsV6, LanV6, FarLanV6] : [PodsV4, LanV4, PodsV6, LanV6], node.AddressOf(v6: false) is not null, node.AddressOf(v6: true) is not null);
        string runtime = requested.Count == 0 ? "" : $$"""
            ,
              "capabilities": { "ips": true },
              "runtimeConfig": { "ips": [{{Quoted(requested)}}] }
            """;
        return $$"""
            {
              "cniVersion": "1.1.0",
              "name": "{{Network}}",
              "type": "twill",
              "bridge": "{{Bridge}}",{{(mtu < Mtu.Ethernet.Value ? $"\n  \"mtu\": {mtu}," : "")}}
              "isDefaultGateway": true,
              "ipMasq": true,
              "ipMasqExcept": [{{Quoted(except)}}],
              "ipam": { "type": "twill", "ranges": [{{ranges}}] }{{runtime}}
            }
            """;
    }

    private static List<IpPrefix> Of(ReadOnlySpan<IpPrefix> all, bool v4, bool v6)
    {
        var some = new List<IpPrefix>();
        foreach (IpPrefix prefix in all)
        {
            if (prefix.IsV6 ? v6 : v4) some.Add(prefix);
        }

        return some;
    }

    private static string Quoted(IReadOnlyList<IpPrefix> prefixes)
    {
        var texts = new string[prefixes.Count];
        for (int i = 0; i < texts.Length; i++) texts[i] = $"\"{prefixes[i]}\"";
        return string.Join(", ", texts);
    }
}
