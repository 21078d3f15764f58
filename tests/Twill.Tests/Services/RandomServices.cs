using Twill.Fabric.Services.Model;
using Twill.Linux.Route;

namespace Twill.Tests.Services;

/// <summary>Services from a seed: every kind, policy and state of endpoints, both families.</summary>
internal static class RandomServices
{
    internal static ServiceNode Node { get; } = new()
    {
        Name = "n1",
        Zone = "a",
        NodePortAddresses = [IpAddress.Parse("192.0.2.1"), IpAddress.Parse("2001:db8::1")],
        PodBlocks = [IpPrefix.Parse("10.244.1.0/24"), IpPrefix.Parse("fd00:1::/64")],
    };

    internal static List<ServiceDescription> Make(Random random, int count)
    {
        var services = new List<ServiceDescription>();
        for (int i = 0; i < count; i++)
        {
            bool named = random.Next(2) == 0;
            ServicePort[] ports = named
                ? [new("http", ServiceProtocol.Tcp, 80, (ushort)(30000 + (2 * i))), new("dns", ServiceProtocol.Udp, 53, (ushort)(30001 + (2 * i)))]
                : [new("", random.Next(3) == 0 ? ServiceProtocol.Sctp : ServiceProtocol.Tcp, 80, random.Next(2) == 0 ? (ushort)(30000 + (2 * i)) : (ushort)0)];
            services.Add(new ServiceDescription
            {
                Namespace = "default",
                Name = $"s{i}",
                ClusterIps = [IpAddress.Parse($"10.96.0.{i + 1}"), IpAddress.Parse($"fd00:96::{i + 1}")],
                Ports = ports,
                ExternalIps = random.Next(3) == 0 ? [IpAddress.Parse($"203.0.113.{i + 1}")] : [],
                LoadBalancerIps = random.Next(3) == 0 ? [IpAddress.Parse($"198.51.100.{i + 1}")] : [],
                SourceRanges = random.Next(2) == 0 ? [IpPrefix.Parse("172.16.0.0/12")] : [],
                InternalPolicy = (TrafficPolicy)random.Next(2),
                ExternalPolicy = (TrafficPolicy)random.Next(2),
                Distribution = (TrafficDistribution)random.Next(3),
                AffinitySeconds = random.Next(4) == 0 ? 100u : 0,
                Spread = (Spread)(random.Next(8) == 0 ? 1 : 0),
                PublishNotReady = random.Next(8) == 0,
                Endpoints = [.. Enumerable.Range(0, random.Next(5)).Select(e => Endpoint(random, i, e, named))],
            });
        }

        return services;
    }

    private static EndpointDescription Endpoint(Random random, int service, int number, bool named)
    {
        int node = random.Next(1, 4);
        bool terminating = random.Next(3) == 0;
        return new EndpointDescription
        {
            Address = IpAddress.Parse(random.Next(3) == 0 ? $"fd00:{node}::{service + 1}:{number + 1}" : $"10.244.{node}.{(service * 5) + number + 2}"),
            Ports = named ? random.Next(6) == 0 ? new Dictionary<string, ushort> { ["http"] = 8080 } : new Dictionary<string, ushort> { ["http"] = 8080, ["dns"] = 5353 } : new Dictionary<string, ushort> { [""] = 8080 },
            Ready = !terminating && random.Next(4) != 0,
            Serving = random.Next(3) != 0,
            Terminating = terminating,
            Node = $"n{node}",
            Zone = node == 3 ? "b" : "a",
        };
    }
}
