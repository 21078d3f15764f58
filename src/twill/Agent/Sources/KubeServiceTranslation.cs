using Twill.Agent.Services;
using Twill.Fabric.Services.Model;
using Twill.Kube;
using Twill.Linux.Route;

namespace Twill.Agent.Sources;

/// <summary>From the API's words to ours. Pure.</summary>
internal static class KubeServiceTranslation
{
    /// <summary>spec.loadBalancerClass of a service that wants its address from us and from nobody else.</summary>
    internal const string OurClass = "twill";

    /// <param name="problem">What of it could not be read, and is left out; null: nothing.</param>
    /// <returns>Null: nothing for us to do. Headless services and ExternalName are names, not addresses.</returns>
    internal static ServiceDescription? Of(KubeService service, IEnumerable<KubeEndpointSlice> slices, out string? problem)
    {
        problem = null;
        if (service.Type == "ExternalName" || service.ClusterIps.Count == 0 || service.ClusterIps[0] is "None" or "") return null;
        var faults = new List<string>();
        var ports = new List<ServicePort>(service.Ports.Count);
        foreach (KubeServicePort port in service.Ports)
        {
            if (port.Port is < 1 or > ushort.MaxValue || port.NodePort is < 0 or > ushort.MaxValue || ProtocolOf(port.Protocol) is not { } protocol) faults.Add($"port {port.Name} {port.Protocol} {port.Port}");
            else ports.Add(new ServicePort(port.Name, protocol, (ushort)port.Port, (ushort)port.NodePort));
        }

        var ranges = new List<IpPrefix>();
        foreach (string text in service.SourceRanges)
        {
            if (IpPrefix.TryParse(text.Trim(), out IpPrefix range)) ranges.Add(range.Network);
            else faults.Add($"loadBalancerSourceRanges {text}");
        }

        var description = new ServiceDescription
        {
            Namespace = service.Namespace,
            Name = service.Name,
            ClusterIps = Addresses(service.ClusterIps, "clusterIPs", faults),
            Ports = ports,
            ExternalIps = Addresses(service.ExternalIps, "externalIPs", faults),
            LoadBalancerIps = service.Type == "LoadBalancer" ? Addresses(service.IngressIps, "ingress", faults) : [],
            WantsLoadBalancer = service.Type == "LoadBalancer" && service.LoadBalancerClass is "" or OurClass,
            RequestedLoadBalancerIps = service.LoadBalancerIp.Length == 0 ? [] : Addresses([service.LoadBalancerIp], "loadBalancerIP", faults),
            SourceRanges = ranges,
            InternalPolicy = PolicyOf(service.InternalPolicy),
            ExternalPolicy = PolicyOf(service.ExternalPolicy),
            Distribution = service.Distribution switch { "PreferClose" or "PreferSameZone" => TrafficDistribution.PreferSameZone, "PreferSameNode" => TrafficDistribution.PreferSameNode, _ => TrafficDistribution.None },
            AffinitySeconds = service.Affinity == "ClientIP" ? (uint)(service.AffinitySeconds > 0 ? service.AffinitySeconds : ServiceText.DefaultAffinitySeconds) : 0,
            PublishNotReady = service.PublishNotReady,
            HealthCheckNodePort = service.HealthCheckNodePort is > 0 and <= ushort.MaxValue ? (ushort)service.HealthCheckNodePort : (ushort)0,
            Spread = service.Spread == "maglev" ? Spread.Maglev : Spread.Random,
            Endpoints = Endpoints(slices, faults),
        };
        if (faults.Count > 0) problem = $"service {description}: left out, as it cannot be read: {string.Join(", ", faults)}";
        return description;
    }

    private static List<EndpointDescription> Endpoints(IEnumerable<KubeEndpointSlice> slices, List<string> faults)
    {
        var endpoints = new List<EndpointDescription>();
        foreach (KubeEndpointSlice slice in slices)
        {
            if (slice.AddressType is not ("IPv4" or "IPv6")) continue;
            var ports = new Dictionary<string, ushort>(slice.Ports.Count, StringComparer.Ordinal); // of the whole slice, which its endpoints share
            foreach (KubeEndpointPort port in slice.Ports)
            {
                if (port.Number is > 0 and <= ushort.MaxValue) ports[port.Name] = (ushort)port.Number;
            }

            foreach (KubeEndpoint endpoint in slice.Endpoints)
            {
                if (!IpAddress.TryParse(endpoint.Address, out IpAddress address))
                {
                    faults.Add($"address {endpoint.Address} of EndpointSlice {slice.Name}");
                    continue;
                }

                endpoints.Add(new EndpointDescription
                {
                    Address = address,
                    Ports = ports,
                    Ready = endpoint.Ready,
                    Serving = endpoint.Serving,
                    Terminating = endpoint.Terminating,
                    Node = endpoint.Node,
                    Zone = endpoint.Zone,
                    ZoneHints = endpoint.ZoneHints,
                    NodeHints = endpoint.NodeHints,
                });
            }
        }

        return endpoints;
    }

    private static List<IpAddress> Addresses(IReadOnlyList<string> texts, string field, List<string> faults)
    {
        var addresses = new List<IpAddress>(texts.Count);
        foreach (string text in texts)
        {
            if (IpAddress.TryParse(text, out IpAddress address)) addresses.Add(address);
            else faults.Add($"{field} {text}");
        }

        return addresses;
    }

    private static ServiceProtocol? ProtocolOf(string text) => text switch { "TCP" or "" => ServiceProtocol.Tcp, "UDP" => ServiceProtocol.Udp, "SCTP" => ServiceProtocol.Sctp, _ => null };

    private static TrafficPolicy PolicyOf(string text) => text == "Local" ? TrafficPolicy.Local : TrafficPolicy.Cluster;
}
