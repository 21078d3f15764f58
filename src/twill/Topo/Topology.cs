using Twill.Lab;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Linux.Route;

namespace Twill.Topo;

/// <summary>What a picture of a network shows, in its words: nodes, bridges, pods, routes with names, and what is wrong with them.</summary>
internal sealed record Topology(LabSpec Spec, IReadOnlyList<TopologyNode> Nodes, TopologyRouter? Router, TopologyInternet? Internet, IReadOnlyList<TopologyProblem> Problems)
{
    internal int PodCount => Nodes.Sum(n => n.Pods.Count);

    /// <summary>A pure function of the kernel's state.</summary>
    internal static Topology Of(LabState state)
    {
        Dictionary<IpAddress, string> owners = Owners(state);
        var namespaces = new Dictionary<string, NamespaceState>();
        foreach (NamespaceState network in state.Namespaces) namespaces[network.Name] = network;
        var containers = new Dictionary<string, IReadOnlyList<string>>();
        foreach (LabPodSpec pod in state.Spec.Pods) containers[pod.Name] = pod.Containers;
        ILookup<string, NamespaceState> pods = state.Namespaces.Where(n => n.Kind == LabKind.Pod).ToLookup(n => n.Node);

        TopologyNode[] nodes = [.. state.Nodes.Select(n => Node(n, pods[n.Name], namespaces, containers, owners))];
        TopologyRouter? router = state.Router is { } r ? new TopologyRouter(r, r.Link(LabAddresses.Lan) ?? r.Bridge, r.Links.FirstOrDefault(l => l.PeerNamespace == state.Internet?.Name && l.Peer is not null), Routes(r, owners)) : null;
        TopologyInternet? internet = state.Internet is { } i ? new TopologyInternet(i, i.Links.FirstOrDefault(l => l.Kind != "loopback")) : null;
        var topology = new Topology(state.Spec, nodes, router, internet, []);
        return topology with { Problems = TopologyProblems.Find(topology) };
    }

    private static TopologyNode Node(NamespaceState node, IEnumerable<NamespaceState> pods, Dictionary<string, NamespaceState> namespaces, Dictionary<string, IReadOnlyList<string>> containers, Dictionary<IpAddress, string> owners)
    {
        var links = new Dictionary<string, LinkState>();
        foreach (LinkState link in node.Links) links[link.Name] = link;
        LinkState? bridge = node.Bridge;
        LinkState? uplink = links.GetValueOrDefault(LabAddresses.Uplink);
        List<TopologyPod> all = [];
        foreach (NamespaceState pod in pods)
        {
            LinkState? end = pod.Link(LabAddresses.PodInterface) ?? pod.Links.FirstOrDefault(l => l.Kind == "veth");
            LinkState? host = end is { Peer: { } peer } && end.PeerNamespace == node.Name ? links.GetValueOrDefault(peer) : null;
            all.Add(new TopologyPod(pod, end, host, containers.GetValueOrDefault(pod.Name) ?? []));
        }

        all.Sort(static (a, b) => a.Order.CompareTo(b.Order));
        string lan = uplink is { Peer: { } port, PeerNamespace: { } at } && namespaces.TryGetValue(at, out NamespaceState? router) ? router.Link(port)?.Master ?? "" : "";
        return new TopologyNode(node, uplink, bridge, all, Routes(node, owners), lan);
    }

    private static TopologyRoute[] Routes(NamespaceState network, Dictionary<IpAddress, string> owners)
    {
        string[] tunnels = [.. network.Links.Where(l => l.Kind == "vxlan").Select(l => l.Name)];
        return
        [
            .. network.Routes.Where(r => r.Via is not null || r.Type != RouteType.Unicast)
                .Select(r => new TopologyRoute(network.Name, r, r.Via is { } via ? owners.GetValueOrDefault(via) : null, r.Device is { } device && tunnels.Contains(device)))
                .OrderBy(r => r.State.Destination.IsV6).ThenBy(r => r.State.Destination.Length == 0).ThenBy(r => r.State.Destination.Address),
        ];
    }

    /// <summary>Who has which address. Pods are left out: nobody's gateway is a pod.</summary>
    private static Dictionary<IpAddress, string> Owners(LabState state)
    {
        var owners = new Dictionary<IpAddress, string>();
        foreach (NamespaceState network in state.Namespaces)
        {
            if (network.Kind == LabKind.Pod) continue;
            foreach (AddressState address in network.Addresses)
            {
                if (address.Device != "lo" || network.Kind == LabKind.Internet) owners.TryAdd(address.Address.Address, network.Name);
            }
        }

        return owners;
    }
}
