using Twill.Lab;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Linux.Route;

namespace Twill.Topo.Page;

/// <summary>The things of a picture, each with its facts, its lesson and its commands: a pure function.</summary>
internal sealed class TopologyFacts
{
    private readonly Topology _topology;
    private readonly List<TopologyFact> _facts = [];

    private TopologyFacts(Topology topology) => _topology = topology;

    internal static IReadOnlyList<TopologyFact> Of(Topology topology)
    {
        var all = new TopologyFacts(topology);
        foreach (TopologyNode node in topology.Nodes) all.Node(node);
        if (topology.Router is { } router) all.Router(router);
        if (topology.Internet is { } internet) all.Internet(internet);
        all.Missing();
        return all._facts;
    }

    private void Node(TopologyNode node)
    {
        string name = node.Name;
        List<TopologyFact.Line> facts = [new("address", AddressText.Join(node.Addresses)), new("pods", $"{node.Pods.Count}"), .. Sysctls(node.Network), new("nft rules", $"{node.Network.Rules.Count}")];
        Add(name, "node", name, facts, "A node is a computer of the cluster. Here it is a network namespace with an interface on the LAN, which passes packets on between the LAN and its pods.",
            [$"ip netns add {name}", .. Sysctls(node.Network).Where(s => s.Value == "1").Select(s => $"ip netns exec {name} sysctl -w {s.Name}=1")]);
        if (node.Uplink is { } uplink)
        {
            Add(node.UplinkKey, "cable", $"{uplink.Name} of {name}", Link(uplink, AddressText.Join(node.Addresses)), "A node's interface on the LAN. All that leaves the node for other nodes' pods, or for the internet, goes through here.",
                [.. uplink.Peer is null ? [] : (string[])[$"ip -n {uplink.PeerNamespace} link add {uplink.Peer} type veth peer name {uplink.Name} netns {name}", $"ip -n {uplink.PeerNamespace} link set {uplink.Peer} master {(node.Lan.Length > 0 ? node.Lan : LabAddresses.Lan)} up"], .. Configure(name, uplink, node.Addresses)]);
        }

        if (node.Bridge is { } bridge)
        {
            IEnumerable<string> ports = node.Network.PortsOf(bridge.Name).Select(p => p.Name);
            ForwardingEntry[] learned = [.. node.Network.Forwarding.Where(f => f.Bridge == bridge.Name && !f.Local)];
            Add(node.BridgeKey, "bridge", $"{bridge.Name} of {name}", [.. Link(bridge, AddressText.Join(node.BridgeAddresses)), new("ports", string.Join(" ", ports)), .. learned.Take(20).Select(f => new TopologyFact.Line(f.Mac.ToString(), f.Port))],
                "A bridge is a switch: every pod of the node is plugged into it, so they reach each other directly. Its own address is the pods' gateway.",
                [$"ip -n {name} link add {bridge.Name} type bridge", .. Configure(name, bridge, node.BridgeAddresses)]);
        }

        Add($"{name}/pods", "pods", $"{node.Pods.Count} pods of {name}", [.. node.Pods.Take(200).Select(p => new TopologyFact.Line(p.Name, AddressText.Join(p.Addresses)))], "Where there are many pods they are counted, not drawn; `twill topo --pod NAME` keeps those that you name.", []);
        foreach (TopologyPod pod in node.Pods) Pod(node, pod);
        foreach (TopologyRoute route in node.Routes) Route(route);
    }

    private void Pod(TopologyNode node, TopologyPod pod)
    {
        string name = pod.Name;
        List<TopologyFact.Line> facts = [new("node", node.Name), new("address", AddressText.Join(pod.Addresses)), new("gateway", string.Join(" ", pod.Gateways.Select(g => g.Via.ToString())))];
        if (pod.Containers.Count > 0) facts.Add(new("containers", string.Join(" ", pod.Containers)));
        if (pod.End is { } inside) facts.AddRange(Link(inside, null));
        Add(name, "pod", name, facts, pod.Containers.Count > 1
            ? "A pod is one network namespace. Its containers share it: they have one address between them, and find each other at localhost."
            : "A pod is one network namespace with one address. It sees itself under the address by which all others reach it.",
            [$"ip netns add {name}", $"ip -n {name} link set lo up", .. pod.End is { } end ? Configure(name, end, pod.Addresses) : [], .. pod.Network.Routes.Where(r => r.Via is not null).Select(r => $"ip -n {name} route add {r}")]);
        if (pod.Host is not { } host) return;
        List<TopologyFact.Line> cable = [.. Link(host, null), new("bridge", host.Master ?? "none")];
        if (host.Port is { } port) cable.Add(new("port", port.State.ToString().ToLowerInvariant()));
        if (host.AltNames.Count > 0) cable.Add(new("also called", string.Join(" ", host.AltNames)));
        TopologyFact fact = new(pod.CableKey, "veth pair", host.Name, cable, $"A veth pair is a cable. One end is {host.Peer} in pod {name}, this end is on {node.Name}{(host.Master is null ? "" : $", plugged into {host.Master}")}.",
            [$"ip -n {node.Name} link add {host.Name} type veth peer name {host.Peer} netns {name}", .. host.Master is null ? [] : (string[])[$"ip -n {node.Name} link set {host.Name} master {host.Master}"], $"ip -n {node.Name} link set {host.Name} up"]);
        _facts.Add(fact);
        if (pod.End is { } pods) Add($"{name}/{pods.Name}", "veth pair", $"{pods.Name} of {name}", Link(pods, AddressText.Join(pod.Addresses)), fact.Says, fact.How);
    }

    private void Route(TopologyRoute route)
    {
        RouteState state = route.State;
        List<TopologyFact.Line> facts = [new("to", route.Destination), new("via", $"{state.Via}"), new("which is", route.Towards ?? (state.Via is null ? "" : "nobody's")), new("device", state.Device ?? ""), new("protocol", state.Protocol.ToString())];
        if (state.Metric != 0) facts.Add(new("metric", $"{state.Metric}"));
        Add(route.Key, "route", $"{route.Destination} in {route.In}", facts, state.Destination.Length == 0
            ? "The default route takes what no other route matches: hand it to the router, it knows more."
            : $"A route: whatever is for {route.Destination} goes to {route.Target} next. Pods' addresses are not translated on the way.",
            [$"ip -n {route.In} route add {state}"]);
    }

    /// <summary>What should be there has no shape of its own, but its problem has a row.</summary>
    private void Missing()
    {
        var there = new HashSet<string>(_facts.Select(f => f.Key));
        foreach (TopologyProblem problem in _topology.Problems)
        {
            if (!there.Add(problem.Key)) continue;
            string[] route = problem.Key.Split("/route/");
            if (route.Length == 2) Add(problem.Key, "route", $"{route[1]} in {route[0]}", [new("state", problem.Mark)], "A route that should be there: without it nobody knows where to send what is for these addresses.", []);
            else Add(problem.Key, "problem", problem.Key, [new("state", problem.Mark)], "Something that should be there.", []);
        }
    }

    private void Router(TopologyRouter router)
    {
        string name = router.Name, says = _topology.Spec.Mode == LabMode.Router
            ? "The router knows where every pod lives: one route for each node's block. Nodes need to know nobody but it."
            : "The router joins the LAN to the internet. The nodes know each other's pods themselves.";
        Add(name, "router", name, [new("on the LAN", AddressText.Join(router.LanAddresses)), new("outside", AddressText.Join(router.BorderAddresses)), .. Sysctls(router.Network)], says,
            [$"ip netns add {name}", .. Sysctls(router.Network).Where(s => s.Value == "1").Select(s => $"ip netns exec {name} sysctl -w {s.Name}=1")]);
        if (router.Lan is { } lan)
        {
            Add(router.LanKey, "LAN", $"LAN {(router.LanAddresses.Count > 0 ? router.LanAddresses[0].Network : "")}", [.. Link(lan, AddressText.Join(router.LanAddresses)), new("plugged in", string.Join(" ", router.Network.PortsOf(lan.Name).Select(p => p.Name)))],
                "The LAN is the wire that all nodes share. Here it is a bridge in the router's namespace.", [$"ip -n {name} link add {lan.Name} type bridge", .. Configure(name, lan, router.LanAddresses)]);
        }

        if (router.Border is { } border)
        {
            Add($"{name}/{border.Name}", "cable", $"{border.Name} of {name}", Link(border, AddressText.Join(router.BorderAddresses)), "The cable from the router to the internet.",
                [$"ip -n {name} link add {border.Name} type veth peer name {border.Peer} netns {border.PeerNamespace}", .. Configure(name, border, router.BorderAddresses)]);
        }

        foreach (TopologyRoute route in router.Routes) Route(route);
    }

    private void Internet(TopologyInternet internet) => Add(internet.Name, "internet", internet.Name, [new("address", AddressText.Join(internet.Addresses))],
        "The internet of this lab: an address beyond the router that knows nothing of pods. It answers nodes only, so what pods send there must carry their node's address.",
        [$"ip netns add {internet.Name}", .. internet.Network.Addresses.Where(a => a.Device == "lo" && internet.Addresses.Contains(a.Address)).Select(a => $"ip -n {internet.Name} addr add {a.Address} dev lo")]);

    private static List<TopologyFact.Line> Link(LinkState link, string? addresses)
    {
        List<TopologyFact.Line> facts = addresses is null ? [] : [new("address", addresses)];
        facts.AddRange([new("mac", $"{link.Mac}"), new("mtu", $"{link.Mtu}"), new("index", $"{link.Index}"), new("state", link.Up ? link.Carrier ? "up" : "up, no carrier" : "down")]);
        if (link.Peer is not null) facts.Add(new("other end", $"{link.Peer} in {link.PeerNamespace}"));
        if (link.Alias.Length > 0) facts.Add(new("alias", link.Alias));
        return facts;
    }

    private static IEnumerable<TopologyFact.Line> Sysctls(NamespaceState network)
    {
        foreach ((string key, string value) in network.Sysctls) yield return new TopologyFact.Line(key.Replace('/', '.'), value);
    }

    private static IEnumerable<string> Configure(string network, LinkState link, IReadOnlyList<IpPrefix> addresses)
    {
        foreach (IpPrefix address in addresses) yield return $"ip -n {network} addr add {address} dev {link.Name}{(address.IsV6 ? " nodad" : "")}";
        yield return $"ip -n {network} link set {link.Name} up";
    }

    private void Add(string key, string kind, string title, IReadOnlyList<TopologyFact.Line> facts, string says, IReadOnlyList<string> how)
        => _facts.Add(new TopologyFact(key, kind, title, [.. facts.Where(f => f.Value.Length > 0)], says, how));
}
