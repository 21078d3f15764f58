using Twill.Fabric.LoadBalancers;
using Twill.Fabric.Model;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Plan;

/// <summary>What a router beside the nodes has to know: whose each block of pods is, and who takes packets for a load-balancer address. Pure.</summary>
public static class RouterPlan
{
    /// <summary>Next hops of one address at most: routers spread over so many at least, and more help nobody.</summary>
    public const int MaxHops = 8;

    /// <summary>Blocks in the order of the nodes, then load-balancer addresses in their own.</summary>
    /// <param name="services">With the node of each endpoint, as far as it is known.</param>
    /// <remarks>
    /// Any node takes a service's packets, so an address has the first few of its own order of nodes (<see cref="Candidacy"/>). Where
    /// external traffic stays on the node that gets it, it has the nodes with endpoints.
    /// </remarks>
    public static IReadOnlyList<RouterRoute> Of(IReadOnlyList<ClusterNode> nodes, IEnumerable<ServiceDescription> services)
    {
        var routes = new List<RouterRoute>();
        foreach (ClusterNode node in nodes)
        {
            foreach (IpPrefix block in node.PodBlocks) routes.Add(new RouterRoute(block, $"pods of {node.Name}", Hops([node], block.IsV6)));
        }

        var byAddress = new SortedDictionary<IpAddress, List<ServiceDescription>>();
        foreach (ServiceDescription service in services)
        {
            foreach (IpAddress address in service.LoadBalancerIps)
            {
                if (!byAddress.TryGetValue(address, out List<ServiceDescription>? sharing)) byAddress[address] = sharing = [];
                sharing.Add(service);
            }
        }

        foreach ((IpAddress address, List<ServiceDescription> sharing) in byAddress)
        {
            sharing.Sort(static (a, b) => string.CompareOrdinal(a.ToString(), b.ToString()));
            List<ClusterNode> able = [.. nodes.Where(n => sharing.Exists(s => Takes(s, n, address.IsV6)))];
            List<string> names = able.ConvertAll(n => n.Name);
            Dictionary<string, int> ranks = names.ToDictionary(n => n, n => Candidacy.RankOf(address, n, names), StringComparer.Ordinal);
            able.Sort((a, b) => ranks[a.Name] - ranks[b.Name]);
            routes.Add(new RouterRoute(new IpPrefix(address, address.Bits), $"service {string.Join(", ", sharing)}", Hops(able.Take(MaxHops), address.IsV6)));
        }

        return routes;
    }

    private static bool Takes(ServiceDescription service, ClusterNode node, bool v6)
        => service.ExternalPolicy != TrafficPolicy.Local
            || service.Ports.Any(p => EndpointSelection.BackendsOf(service, p, v6, TrafficPolicy.Local, new ServiceNode { Name = node.Name, Zone = node.Zone }).Count > 0);

    private static RouterHop[] Hops(IEnumerable<ClusterNode> nodes, bool v6)
        => [.. nodes.Where(n => n.AddressOf(v6) is not null).Select(n => new RouterHop(n.Name, n.AddressOf(v6)!.Value))];
}
