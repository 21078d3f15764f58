using Twill.Fabric.Backends;
using Twill.Fabric.Model;
using Twill.Lab;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Linux.Route;

namespace Twill.Topo;

/// <summary>What is wrong with a network, as far as its picture tells: something down, unplugged, missing, or leading elsewhere.</summary>
/// <remarks>In an empty lab what is missing is the learner's work and no problem; what is there and down is one.</remarks>
internal sealed class TopologyProblems
{
    private readonly Topology _topology;
    private readonly List<TopologyProblem> _problems = [];

    private TopologyProblems(Topology topology) => _topology = topology;

    private bool Complete => !_topology.Spec.Empty;

    internal static IReadOnlyList<TopologyProblem> Find(Topology topology)
    {
        var search = new TopologyProblems(topology);
        search.All();
        return search._problems;
    }

    private void All()
    {
        if (_topology.Router is null) Add(LabNames.Router, "missing", "the router is missing: nodes do not reach each other; `twill lab up` makes it again");
        else Router(_topology.Router);
        int mtu = 0;
        foreach (TopologyNode node in _topology.Nodes) mtu = Math.Max(mtu, node.Uplink?.Mtu ?? 0);
        int inside = _topology.Spec.Mode is LabMode.Vxlan or LabMode.Auto ? mtu - Overlay.OverheadOf(!_topology.Spec.V4) : mtu;
        foreach (TopologyNode node in _topology.Nodes)
        {
            Uplink(node, mtu);
            Bridge(node, inside);
            Forwarding(node.Network);
            if (_topology.Spec.HasAgents && node.Network.Agent.Length == 0) Add(node.Name, "no agent", $"no agent runs on {node.Name}: its network works on, but nothing new is learned and nothing is repaired; `twill lab fix` starts it");
            foreach (TopologyPod pod in node.Pods) Pod(node, pod, inside);
            NodeRoutes(node);
        }

        Neighbours();
    }

    private void Router(TopologyRouter router)
    {
        Forwarding(router.Network);
        foreach (TopologyLan lan in router.Lans.Where(l => !l.Link.Up)) Down(router.Name, lan.Link);
        if (router.Border is { } border && _topology.Internet is { } internet) Cable(router.Name, border, internet.Name);
        if (_topology.Spec.Mode != LabMode.Router || !Complete) return;
        foreach (TopologyNode node in _topology.Nodes) Blocks(router.Network, router.Routes, node);
    }

    private void Uplink(TopologyNode node, int mtu)
    {
        if (node.Uplink is not { } uplink)
        {
            Add(node.Name, $"no {LabAddresses.Uplink}", $"{node.Name} has no {LabAddresses.Uplink}: it is not on the LAN; `twill lab up` plugs it in");
            return;
        }

        foreach (bool v6 in Lacking(node.Addresses)) Missing(node.UplinkKey, $"no IPv{(v6 ? 6 : 4)} address", $"{node.Name} has no IPv{(v6 ? 6 : 4)} address on its {uplink.Name}; `twill lab up` puts it back");
        Cable(node.Name, uplink, "the LAN");
        SmallMtu(node.Name, uplink, mtu);
    }

    private void Bridge(TopologyNode node, int mtu)
    {
        if (node.Bridge is not { } bridge)
        {
            if (node.Pods.Count > 0) Missing(node.Name, "no bridge", $"{node.Name} has no bridge for its {node.Pods.Count} pods; `twill lab up` makes it");
            return;
        }

        if (!bridge.Up) Down(node.Name, bridge);
        foreach (bool v6 in Lacking(node.BridgeAddresses)) Missing(node.BridgeKey, $"no IPv{(v6 ? 6 : 4)} address", $"{bridge.Name} on {node.Name} has no IPv{(v6 ? 6 : 4)} address: its pods have no gateway; `twill lab up` puts it back");
        SmallMtu(node.Name, bridge, mtu);
    }

    private void Pod(TopologyNode node, TopologyPod pod, int mtu)
    {
        if (pod.End is not { } end || (pod.Host is null && end.Peer is null))
        {
            Missing(pod.Name, "not attached", $"pod {pod.Name} is not attached to {node.Name}; `twill lab up` attaches it");
            return;
        }

        if (pod.Host is not { } host)
        {
            Add(pod.Name, "cabled elsewhere", $"the cable of pod {pod.Name} does not lead to its node {node.Name} but to {end.PeerNamespace}; `twill lab up` attaches it anew");
            return;
        }

        if (!end.Up) Down(pod.Name, end);
        if (!host.Up) Down(node.Name, host);
        else if (!host.Carrier && end.Up) Add(pod.CableKey, "no carrier", $"{host.Name} on {node.Name} has no carrier: see the other end, {end.Name} in pod {pod.Name}");
        LinkState? bridge = node.Bridge;
        if (bridge is not null && host.Master != bridge.Name) Add(pod.CableKey, $"not on {bridge.Name}", $"{host.Name}, the cable of pod {pod.Name}, is not a port of {bridge.Name}: ip -n {node.Name} link set {host.Name} master {bridge.Name}");
        else if (host.Port is { State: BridgePortState.Disabled or BridgePortState.Blocking } port && host.Up && bridge is { Up: true } && end.Up) Add(pod.CableKey, $"port {port.State.ToString().ToLowerInvariant()}", $"{bridge.Name} on {node.Name} forwards nothing at its port {host.Name}, the cable of pod {pod.Name}");
        bool lacking = false;
        foreach (bool v6 in Lacking(pod.Addresses))
        {
            lacking = true;
            Missing(pod.Name, $"no IPv{(v6 ? 6 : 4)} address", $"pod {pod.Name} has no IPv{(v6 ? 6 : 4)} address on its {end.Name}; `twill lab up` attaches it anew");
        }

        if (!lacking && NodeSays(host) is { Length: > 0 } says && AddressText.Join(pod.Addresses) != string.Join(" ", says)) Add(pod.Name, "other address", $"pod {pod.Name} has the addresses {AddressText.Join(pod.Addresses)}, its cable {host.Name} on {node.Name} was made for {string.Join(" ", says)}");
        SmallMtu(pod.Name, end, mtu);
        SmallMtu(node.Name, host, mtu);
        foreach (IpPrefix address in pod.Addresses)
        {
            if (pod.Gateways.All(g => g.Destination.IsV6 != address.IsV6)) Missing(pod.Name, "no default route", $"pod {pod.Name} has no default route over IPv{(address.IsV6 ? 6 : 4)}: it reaches the pods of {node.Name} only; `twill lab up` attaches it anew");
        }
    }

    private void NodeRoutes(TopologyNode node)
    {
        if (!Complete || node.Addresses.Count == 0) return;
        foreach (bool v6 in Families())
        {
            IpPrefix any = v6 ? RouteSpec.DefaultV6 : RouteSpec.DefaultV4;
            bool far = _topology.Spec.IsFar(node.Network.Index);
            IpAddress gateway = (far ? v6 ? LabAddresses.FarRouterV6 : LabAddresses.FarRouterV4 : v6 ? LabAddresses.RouterV6 : LabAddresses.RouterV4).Address;
            string wayOut = _topology.Spec.Mode == LabMode.Router ? "the other nodes' pods and the internet" : "the internet";
            Route(node.Network, node.Routes, any, gateway, LabNames.Router, wayOut);
        }

        if (_topology.Spec.Mode == LabMode.Router) return;
        foreach (TopologyNode other in _topology.Nodes)
        {
            if (other != node) Blocks(node.Network, node.Routes, other);
        }
    }

    /// <summary>The routes to the pods of a node.</summary>
    private void Blocks(NamespaceState network, IReadOnlyList<TopologyRoute> routes, TopologyNode to)
    {
        ClusterNode known = _topology.Spec.NodeOf(to.Network.Index);
        foreach (IpPrefix block in known.PodBlocks)
        {
            IpAddress gateway = known.AddressOf(block.IsV6)!.Value;
            Route(network, routes, block, gateway, to.Name, $"the pods of {to.Name}");
        }
    }

    private void Route(NamespaceState network, IReadOnlyList<TopologyRoute> routes, IpPrefix destination, IpAddress gateway, string towards, string what)
    {
        string device = network.Kind == LabKind.Router ? LabAddresses.Lan : LabAddresses.Uplink;
        string name = destination.Length == 0 ? "default" : destination.ToString();
        TopologyRoute? route = null;
        foreach (TopologyRoute candidate in routes)
        {
            if (candidate.State.Destination == destination) route ??= candidate;
        }

        string key = TopologyRoute.KeyOf(network.Name, destination);
        if (route is null && _topology.Spec.HasAgents && destination.Length > 0 && network.Kind == LabKind.Node) Add(key, "missing", $"{network.Name} has no route to {name}, {what}: that is the work of its agent, {(network.Agent.Length == 0 ? "which does not run" : $"which says why in {Lab.Agents.LabAgents.LogOf(network.Name)}")}; `twill lab fix`");
        else if (route is null) Add(key, "missing", $"{network.Name} has no route to {(destination.Length == 0 ? what : $"{name}, {what}")}: ip -n {network.Name} route add {name} via {gateway} dev {device}; or `twill lab up`");
        else if (route.Towards != towards) Add(key, "wrong", $"{network.Name} sends {name}, {what}, to {route.Target}{(route.Towards is null && route.State.Via is not null ? ", which nobody has" : "")}; `twill lab up` puts it right");
    }

    /// <summary>The lab's families of which there is no address: true is IPv6.</summary>
    private IEnumerable<bool> Lacking(IReadOnlyList<IpPrefix> addresses)
    {
        foreach (bool v6 in Families())
        {
            bool has = false;
            foreach (IpPrefix address in addresses) has |= address.IsV6 == v6;
            if (!has) yield return v6;
        }
    }

    private IEnumerable<bool> Families()
    {
        if (_topology.Spec.V4) yield return false;
        if (_topology.Spec.V6) yield return true;
    }

    private void Forwarding(NamespaceState network)
    {
        foreach (bool v6 in Families())
        {
            string key = v6 ? "net/ipv6/conf/all/forwarding" : "net/ipv4/ip_forward";
            if (network.Sysctls.TryGetValue(key, out string? value) && value == "0") Missing(network.Name, $"no IPv{(v6 ? 6 : 4)} forwarding", $"{network.Name} does not forward IPv{(v6 ? 6 : 4)}: ip netns exec {network.Name} sysctl -w {key.Replace('/', '.')}=1");
        }
    }

    /// <summary>Entries that somebody wrote and the kernel never asks about again.</summary>
    private void Neighbours()
    {
        IEnumerable<NamespaceState> routing = _topology.Nodes.Select(n => n.Network);
        if (_topology.Router is { } router) routing = routing.Append(router.Network);
        var macs = new Dictionary<IpAddress, (string Name, MacAddress Mac)>();
        NamespaceState[] all = [.. routing, .. _topology.Nodes.SelectMany(n => n.Pods).Select(p => p.Network)];
        foreach (NamespaceState network in all)
        {
            foreach (AddressState address in network.Addresses)
            {
                if (network.Link(address.Device)?.Mac is { } mac) macs.TryAdd(address.Address.Address, (network.Name, mac));
            }
        }

        foreach (NamespaceState network in all)
        {
            foreach (NeighbourEntry entry in network.Neighbours)
            {
                if ((entry.State & NeighbourState.Permanent) == 0 || entry.Mac is not { } mac || !macs.TryGetValue(entry.Address, out var real) || real.Mac == mac || network.Link(entry.Device)?.Kind == "loopback") continue;
                Add(network.Name, $"{(entry.Address.IsV6 ? "neighbour" : "arp")} {entry.Address}", $"{network.Name} believes for good that {entry.Address} is at {mac}, but {real.Name} has it at {real.Mac}: ip -n {network.Name} neigh del {entry.Address} dev {entry.Device}");
            }
        }
    }

    private void Cable(string network, LinkState link, string towards)
    {
        if (!link.Up) Down(network, link);
        else if (!link.Carrier) Add($"{network}/{link.Name}", "no carrier", $"{link.Name} in {network} has no carrier: the other end of its cable, towards {towards}, is down or gone; `twill lab up` mends it");
    }

    private void Down(string network, LinkState link) => Add($"{network}/{link.Name}", "down", $"{link.Name} in {network} is down: ip -n {network} link set {link.Name} up");

    private void SmallMtu(string network, LinkState link, int mtu)
    {
        if (link.Mtu < mtu) Add($"{network}/{link.Name}", $"mtu {link.Mtu}", $"{link.Name} in {network} has an MTU of {link.Mtu}, the LAN {mtu}: larger packets do not pass; ip -n {network} link set {link.Name} mtu {mtu}");
    }

    private void Missing(string key, string mark, string sentence)
    {
        if (Complete) Add(key, mark, sentence);
    }

    private void Add(string key, string mark, string sentence) => _problems.Add(new TopologyProblem(key, mark, sentence));

    /// <summary>The addresses in the alias: "... ip=10.244.1.2/24,fd00::2/64".</summary>
    private static string[] NodeSays(LinkState host)
    {
        int at = host.Alias.IndexOf(" ip=", StringComparison.Ordinal);
        return at < 0 ? [] : host.Alias[(at + 4)..].Split(' ')[0].Split(',');
    }
}
