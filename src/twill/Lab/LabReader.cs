using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netns;
using Twill.Linux.Route;

namespace Twill.Lab;

/// <summary>Reads the lab from the kernel: namespaces by their marks, cables by their aliases, addresses and routes as they are.</summary>
internal static class LabReader
{
    internal static LabView Read(LabInventory inventory)
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        RouterView? router = null;
        InternetView? internet = null;
        foreach (LabMark mark in inventory.Marks)
        {
            if (mark.Kind == LabKind.Router) router = In(mark.Name, socket => new RouterView(mark.Name, AddressesOf(socket, LabAddresses.Lan), AddressesOf(socket, LabNames.Internet)));
            if (mark.Kind == LabKind.Internet) internet = In(mark.Name, socket => new InternetView(mark.Name, [.. AddressesOf(socket, "lo").Where(a => a is not "127.0.0.1/8" and not "::1/128")]));
        }

        foreach (string address in router?.Lan ?? []) owners[PodView.Bare(address)] = LabNames.Router;
        var nodes = new List<NodeView>();
        foreach (LabMark mark in inventory.Nodes)
        {
            if (In(mark.Name, socket => ReadNode(socket, mark, inventory)) is not { } node) continue;
            nodes.Add(node);
            foreach (string address in node.Addresses) owners[PodView.Bare(address)] = node.Name;
        }

        // Names of gateways are known only when every node has been read.
        for (int i = 0; i < nodes.Count; i++) nodes[i] = nodes[i] with { Routes = [.. nodes[i].Routes.Select(r => r with { Towards = owners.GetValueOrDefault(r.Gateway) })] };
        return new LabView(nodes, router, internet);
    }

    private static T? In<T>(string name, Func<RouteSocket, T> read)
        where T : class
    {
        using NetworkNamespace? network = NetworkNamespace.TryOpen(NetworkNamespace.NamedPath(name), out _);
        if (network is null) return null; // gone since the inventory
        using RouteSocket socket = RouteSocket.Open(network);
        return read(socket);
    }

    private static NodeView ReadNode(RouteSocket socket, LabMark mark, LabInventory inventory)
    {
        List<Link> links = socket.Links();
        List<IfAddress> addresses = socket.Addresses();
        Link? uplink = links.Find(l => l.Name == LabAddresses.Uplink), bridge = links.Find(l => l.Kind == "bridge");
        var cables = new Dictionary<string, Link>(StringComparer.Ordinal);
        foreach (Link link in links)
        {
            if (!Identity.IsOurs(link.Alias)) continue;
            foreach (string altName in link.AltNames)
            {
                if (Owner.TryParseAltName(altName, out ReadOnlySpan<char> key)) cables[key.ToString()] = link;
            }
        }

        var routes = new List<RouteLine>();
        foreach (Route route in socket.Routes(new RouteFilter(Table: RouteTable.Main)))
        {
            if (route.Protocol == ClusterPlan.TwillRouteProtocol && route.Gateway is { } gateway) routes.Add(new RouteLine(route.Destination.Length == 0 ? "default" : route.Destination.ToString(), gateway.ToString(), null));
        }

        List<PodView> pods = [];
        foreach (LabMark pod in inventory.PodsOf(mark.Name))
        {
            if (In(pod.Name, inside => ReadPod(inside, pod, cables.GetValueOrDefault($"{pod.Name}:{LabAddresses.PodInterface}"))) is { } view) pods.Add(view);
        }

        pods.Sort(static (a, b) => Order(a).CompareTo(Order(b)));
        return new NodeView(
            mark.Name, mark.Index, uplink is null ? [] : Texts(addresses, uplink.Index), uplink?.Mtu.Value ?? 0, bridge is null ? null : new BridgeView(bridge.Name, Texts(addresses, bridge.Index)), pods, routes);
    }

    private static PodView ReadPod(RouteSocket socket, LabMark mark, Link? cable)
    {
        string? gateway = null;
        foreach (Route route in socket.Routes(new RouteFilter(Family: 2, Table: RouteTable.Main)))
        {
            if (route.Destination.Length == 0) gateway = route.Gateway?.ToString();
        }

        return new PodView(mark.Name, mark.Node, LabAddresses.PodInterface, cable?.Name, AddressesOf(socket, LabAddresses.PodInterface), NodeSays(cable), gateway);
    }

    /// <summary>The addresses in the alias: "... ip=10.244.1.2/24,fd00::2/64".</summary>
    private static string[] NodeSays(Link? cable)
    {
        int at = cable?.Alias.IndexOf(" ip=", StringComparison.Ordinal) ?? -1;
        return at < 0 ? [] : cable!.Alias[(at + 4)..].Split(' ')[0].Split(',');
    }

    private static IpAddress Order(PodView pod) => pod.Addresses.Count > 0 && IpPrefix.TryParse(pod.Addresses[0], out IpPrefix prefix) ? prefix.Address : default;

    private static List<string> AddressesOf(RouteSocket socket, string device) => socket.TryGetIndex(device, out IfIndex index) ? Texts(socket.Addresses(index), index) : [];

    private static List<string> Texts(List<IfAddress> addresses, IfIndex device)
        => [.. addresses.Where(a => a.Dev == device && !(a.Address.IsV6 && a.Address.Address.Value >> 118 == 0x3fa)).OrderBy(a => a.Address.IsV6).Select(a => a.Address.ToString())];
}
