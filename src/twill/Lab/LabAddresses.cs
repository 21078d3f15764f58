using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Lab;

/// <summary>The lab's address plan: the lecture's, and beside each IPv4 address an IPv6 one that reads like it.</summary>
internal static class LabAddresses
{
    internal const string Bridge = "v-net-0", Lan = "lan", Uplink = "eth0", PodInterface = "eth0", Network = "lab";

    internal const int MaxNodes = 200, MaxPodsPerNode = 250;

    internal static IpPrefix LanV4 { get; } = IpPrefix.Parse("192.168.1.0/24");

    internal static IpPrefix LanV6 { get; } = IpPrefix.Parse("fd00:192:168:1::/64");

    internal static IpPrefix PodsV4 { get; } = IpPrefix.Parse("10.244.0.0/16");

    /// <summary>fd00:10:244:1::/64 up to fd00:10:244:200::/64.</summary>
    internal static IpPrefix PodsV6 { get; } = IpPrefix.Parse("fd00:10:244::/48");

    internal static IpPrefix RouterV4 { get; } = IpPrefix.Parse("192.168.1.1/24");

    internal static IpPrefix RouterV6 { get; } = IpPrefix.Parse("fd00:192:168:1::1/64");

    /// <summary>What the lab's pods know as the internet. Source: both are addresses that everybody has pinged once.</summary>
    internal static IpPrefix InternetV4 { get; } = IpPrefix.Parse("8.8.8.8/32");

    internal static IpPrefix InternetV6 { get; } = IpPrefix.Parse("2001:4860:4860::8888/128");

    /// <summary>Between router and internet: documentation prefixes (RFC 5737, RFC 3849).</summary>
    internal static IpPrefix BorderRouterV4 { get; } = IpPrefix.Parse("203.0.113.1/24");

    internal static IpPrefix BorderInternetV4 { get; } = IpPrefix.Parse("203.0.113.8/24");

    internal static IpPrefix BorderRouterV6 { get; } = IpPrefix.Parse("2001:db8:113::1/64");

    internal static IpPrefix BorderInternetV6 { get; } = IpPrefix.Parse("2001:db8:113::8/64");

    internal static ClusterNode Node(int index, bool v6)
    {
        IpPrefix address = IpPrefix.Parse($"192.168.1.{10 + index}/24"), block = IpPrefix.Parse($"10.244.{index}.0/24");
        return new ClusterNode
        {
            Name = LabNames.Node(index),
            Addresses = v6 ? [address, IpPrefix.Parse($"fd00:192:168:1::{10 + index}/64")] : [address],
            PodBlocks = v6 ? [block, IpPrefix.Parse($"fd00:10:244:{index}::/64")] : [block],
        };
    }

    internal static Cluster Cluster(IEnumerable<int> nodes, bool v6) => new()
    {
        Nodes = [.. nodes.Select(i => Node(i, v6))],
        Device = Uplink,
        Gateways = v6 ? [RouterV4.Address, RouterV6.Address] : [RouterV4.Address],
    };

    /// <summary>The CNI configuration that a container runtime would have for this node.</summary>
    internal static string Configuration(ClusterNode node)
    {
        bool v6 = node.PodBlocks.Count > 1;
        string ranges = string.Join(", ", node.PodBlocks.Select(b => $$"""[{ "subnet": "{{b}}" }]"""));
        IpPrefix[] except = v6 ? [PodsV4, LanV4, PodsV6, LanV6] : [PodsV4, LanV4];
        return $$"""
            {
              "cniVersion": "1.1.0",
              "name": "{{Network}}",
              "type": "twill",
              "bridge": "{{Bridge}}",
              "isDefaultGateway": true,
              "ipMasq": true,
              "ipMasqExcept": [{{string.Join(", ", except.Select(e => $"\"{e}\""))}}],
              "ipam": { "type": "twill", "ranges": [{{ranges}}] }
            }
            """;
    }
}
