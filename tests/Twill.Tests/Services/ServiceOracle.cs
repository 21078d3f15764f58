using Twill.Fabric.Services.Model;
using Twill.Linux.Route;

namespace Twill.Tests.Services;

/// <summary>kube-proxy's rules said again, slowly and without regard to how a table does it: what may become of a packet.</summary>
internal static class ServiceOracle
{
    /// <returns>All answers that are right; one of "none", "drop", "reject", or endpoints.</returns>
    internal static HashSet<string> Expect(List<ServiceDescription> services, ServiceNode node, TracedPacket packet)
    {
        foreach (ServiceDescription s in services)
        {
            bool cluster = s.ClusterIps.Contains(packet.Target), balancer = s.LoadBalancerIps.Contains(packet.Target), nodePort = node.NodePortAddresses.Contains(packet.Target);
            if (!cluster && !balancer && !nodePort && !s.ExternalIps.Contains(packet.Target)) continue;
            ServicePort? port = s.Ports.FirstOrDefault(p => (byte)p.Protocol == packet.Protocol && (nodePort ? p.NodePort != 0 && p.NodePort == packet.TargetPort : p.Port == packet.TargetPort));
            if (port is null)
            {
                if (cluster) return ["reject"];
                continue;
            }

            if (balancer && s.SourceRanges.Count > 0 && !s.SourceRanges.Any(r => r.Contains(packet.Source))) return ["drop"];
            bool inside = packet.FromNode || node.PodBlocks.Any(b => b.Contains(packet.Source));
            bool local = cluster ? s.InternalPolicy == TrafficPolicy.Local : s.ExternalPolicy == TrafficPolicy.Local && !inside;
            List<EndpointDescription> all = [.. s.Endpoints.Where(e => e.Address.IsV6 == packet.Target.IsV6 && e.Ports.ContainsKey(port.Name))];
            List<EndpointDescription> everywhere = WithFallback(all, Near(s, [.. all.Where(e => Ready(s, e))], node), s);
            List<EndpointDescription> here = WithFallback([.. all.Where(e => e.Node == node.Name)], [.. all.Where(e => e.Node == node.Name && Ready(s, e))], s);
            List<EndpointDescription> used = local ? here : everywhere;
            if (used.Count > 0) return [.. used.Select(e => $"{e.Address} . {e.Ports[port.Name]}")];
            return local && everywhere.Count > 0 ? ["drop"] : ["reject"];
        }

        return ["none"];
    }

    private static bool Ready(ServiceDescription s, EndpointDescription e) => e.Ready || s.PublishNotReady;

    private static List<EndpointDescription> WithFallback(List<EndpointDescription> all, List<EndpointDescription> ready, ServiceDescription s)
        => ready.Count > 0 ? ready : [.. all.Where(e => e.Terminating && e.Serving && !Ready(s, e))];

    private static List<EndpointDescription> Near(ServiceDescription s, List<EndpointDescription> ready, ServiceNode node)
    {
        List<EndpointDescription> sameNode = [.. ready.Where(e => e.Node == node.Name)], sameZone = [.. ready.Where(e => e.Zone == node.Zone)];
        if (s.Distribution == TrafficDistribution.PreferSameNode && sameNode.Count > 0) return sameNode;
        return s.Distribution != TrafficDistribution.None && sameZone.Count > 0 ? sameZone : ready;
    }

    internal static IEnumerable<TracedPacket> Packets(List<ServiceDescription> services, ServiceNode node)
    {
        foreach (ServiceDescription s in services)
        {
            foreach (IpAddress target in (IEnumerable<IpAddress>)[.. s.ClusterIps, .. s.ExternalIps, .. s.LoadBalancerIps, .. node.NodePortAddresses, IpAddress.Parse("192.0.2.200")])
            {
                foreach (ServicePort port in s.Ports)
                {
                    foreach (ushort number in (ushort[])[port.Port, port.NodePort, 9])
                    {
                        string[] sources = target.IsV6 ? ["fd00:1::9", "2001:db8::77", "2001:db8::1"] : ["10.244.1.200", "192.0.2.77", "172.16.5.5", "192.0.2.1"];
                        foreach (string source in sources)
                        {
                            if (number != 0) yield return new TracedPacket(IpAddress.Parse(source), 40000, target, (byte)port.Protocol, number) { FromNode = source is "192.0.2.1" or "2001:db8::1" };
                        }
                    }
                }
            }
        }
    }
}
