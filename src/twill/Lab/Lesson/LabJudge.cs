using Twill.Fabric.Model;
using Twill.Lab.Goal;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Linux.Nft;
using Twill.Linux.Nft.Expressions;
using Twill.Linux.Route;

namespace Twill.Lab.Lesson;

/// <summary>What of a lab's network is done, in the order in which the lecture builds it, whatever the builder called things. Pure.</summary>
/// <remarks>Names of bridges and cables, hardware addresses and marks do not matter; what packets can do does.</remarks>
internal sealed class LabJudge
{
    private readonly LabState _state;
    private readonly LabPlan _plan;
    private readonly List<WorkTask> _tasks = [];

    private LabJudge(LabState state)
    {
        _state = state;
        _plan = new LabPlan(state.Spec);
    }

    internal static IReadOnlyList<WorkTask> Judge(LabState state)
    {
        var judge = new LabJudge(state);
        foreach (NamespaceState node in state.Nodes) judge.Cables(node);
        foreach (NamespaceState node in state.Nodes) judge.Addresses(node);
        foreach (NamespaceState node in state.Nodes) judge.Ways(node);
        foreach (NamespaceState node in state.Nodes) judge.Internet(node);
        return judge._tasks;
    }

    /// <summary>The bridge that most of the node's pods are plugged into; the first one where none is.</summary>
    private LinkState? BridgeOf(NamespaceState node)
        => node.Links.Where(l => l.Kind == "bridge").OrderByDescending(b => node.PortsOf(b.Name).Count(p => p.PeerNamespace is { } peer && _state.Find(peer)?.Node == node.Name)).FirstOrDefault();

    /// <summary>The pod's end of a cable to its node.</summary>
    private static LinkState? CableOf(NamespaceState pod) => pod.Links.FirstOrDefault(l => l.Kind == "veth" && l.PeerNamespace == pod.Node);

    private void Add(string title, bool done, string hint) => _tasks.Add(new WorkTask(title, done, hint));

    private void Cables(NamespaceState node)
    {
        string n = node.Name;
        LinkState? bridge = BridgeOf(node);
        Add($"{n} has a bridge, and it is up", bridge is { Up: true }, bridge is null
            ? $"{n} has no bridge, the switch that its pods are plugged into: ip -n {n} link add v-net-0 type bridge"
            : $"the bridge {bridge.Name} of {n} is down: ip -n {n} link set {bridge.Name} up");
        string b = bridge?.Name ?? "v-net-0";
        foreach (NamespaceState pod in _state.PodsOf(n))
        {
            LinkState? inside = CableOf(pod), outside = inside?.Peer is { } peer ? node.Link(peer) : null;
            Add($"{pod.Name} has a cable to {n}, plugged into the bridge and up at both ends", inside is { Up: true } && outside is { Up: true, Master: not null } && outside.Master == bridge?.Name,
                inside is null ? $"{pod.Name} has no cable: a veth pair is one, with an end on {n} and an end in the pod: ip -n {n} link add veth-{pod.Name} type veth peer name eth0 netns {pod.Name}"
                : outside is null ? $"the other end of {inside.Name} of {pod.Name} is not on {n}"
                : outside.Master != bridge?.Name || bridge is null ? $"the node's end of {pod.Name}'s cable is not plugged into the bridge: ip -n {n} link set {outside.Name} master {b}"
                : !outside.Up ? $"the node's end of {pod.Name}'s cable is down: ip -n {n} link set {outside.Name} up"
                : $"the pod's end of {pod.Name}'s cable is down: ip -n {pod.Name} link set {inside.Name} up");
        }
    }

    private void Addresses(NamespaceState node)
    {
        string n = node.Name;
        LinkState? bridge = BridgeOf(node);
        string b = bridge?.Name ?? "v-net-0";
        foreach (IpPrefix block in _plan.Node(n).PodBlocks)
        {
            // Nobody else can have it, and nobody wants to wait a second for the kernel to find that out.
            string quiet = block.IsV6 ? " nodad" : "";
            IpPrefix? gateway = bridge is null ? null : First(node.AddressesOf(bridge.Name), block);
            var example = new IpPrefix(block.First with { Value = block.First.Value + 1 }, block.Length);
            Add($"the bridge of {n} has an address in {block}", gateway is not null, $"the bridge of {n} has no address in {block}, so its pods have no gateway: ip -n {n} addr add {example} dev {b}{quiet}");
            uint next = 2;
            foreach (NamespaceState pod in _state.PodsOf(n))
            {
                string device = CableOf(pod)?.Name ?? "eth0";
                IpPrefix? address = First(pod.AddressesOf(device), block);
                string? owner = address is { } a ? Owner(a.Address, pod.Name) : null;
                var suggestion = new IpPrefix(block.First with { Value = block.First.Value + next++ }, block.Length);
                Add($"{pod.Name} has an address in {block} that nobody else has", address is not null && owner is null, address is null
                    ? $"{pod.Name} has no address in {block}, the block of {n}: ip -n {pod.Name} addr add {suggestion} dev {device}{quiet}"
                    : $"{pod.Name} and {owner} both have {address.Value.Address}: give one of them another");
                string family = block.IsV6 ? " -6" : "";
                RouteState? way = Best(pod, Beyond(block.IsV6));
                Add($"{pod.Name} has a default route to the bridge{(block.IsV6 && _state.Spec.V4 ? " for IPv6" : "")}", way is { Via: { } via } && bridge is not null && node.AddressesOf(bridge.Name).Any(g => g.Address == via), way is null
                    ? $"{pod.Name} has no default route{(block.IsV6 ? " for IPv6" : "")}, so it knows its own node's pods only: ip -n {pod.Name}{family} route add default via {(gateway ?? example).Address}"
                    : $"the default route of {pod.Name} does not lead to an address of the bridge: {way}");
            }
        }
    }

    private void Ways(NamespaceState node)
    {
        string n = node.Name;
        foreach (IpPrefix block in _plan.Node(n).PodBlocks)
        {
            string key = block.IsV6 ? "net/ipv6/conf/all/forwarding" : "net/ipv4/ip_forward";
            Add($"{n} forwards IPv{(block.IsV6 ? 6 : 4)} packets", node.Sysctls.GetValueOrDefault(key) == "1", $"{n} drops what is not for itself, so no packet of a pod leaves it: ip netns exec {n} sysctl -w {key.Replace('/', '.')}=1");
        }

        foreach (LabNodeSpec other in _state.Spec.Nodes.Where(o => o.Name != n))
        {
            ClusterNode known = _plan.Node(other.Name);
            foreach (IpPrefix block in known.PodBlocks)
            {
                IpAddress there = known.AddressOf(block.IsV6)!.Value, pod = block.First with { Value = block.First.Value + 2 };
                Add($"{n} knows the way to {block}, the pods of {other.Name}", Reaches(node, pod, there), _state.Spec.Mode == LabMode.Router
                    ? $"packets from {n} to {block}, the pods of {other.Name}, do not get there; the router should know: ip -n {LabNames.Router} route add {block} via {there}"
                    : $"{n} has no route to {block}, the pods of {other.Name}: ip -n {n} route add {block} via {there}");
            }
        }
    }

    private void Internet(NamespaceState node)
    {
        foreach (IpPrefix block in _plan.Node(node.Name).PodBlocks)
        {
            string family = block.IsV6 ? "ip6" : "ip";
            IpPrefix keep = block.IsV6 ? LabAddresses.PodsV6 : LabAddresses.PodsV4, lan = block.IsV6 ? LabAddresses.LanV6 : LabAddresses.LanV4;
            Add($"{node.Name} masquerades what its pods send to the internet{(block.IsV6 && _state.Spec.V4 ? " over IPv6" : "")}", Masquerades(node, block.IsV6), $"the internet knows no pod, only the LAN, so {node.Name} must put its own address on what leaves: ip netns exec {node.Name} nft 'add table {family} nat; add chain {family} nat post {{ type nat hook postrouting priority 100; }}; add rule {family} nat post {family} saddr {block} {family} daddr != {{ {keep}, {lan} }} masquerade'");
        }
    }

    private static bool Masquerades(NamespaceState node, bool v6)
        => node.Rules.Any(r => r.Expressions.Any(e => e is NftMasquerade or NftNat) && (r.Chain.Table.Family == NftFamily.Inet || r.Chain.Table.Family == (v6 ? NftFamily.Ip6 : NftFamily.Ip))
            && node.Chains.Any(c => c.Name == r.Chain.Name && c.Table == r.Chain.Table && c.Hook is { Type: "nat" }));

    /// <summary>By the node's own route, or by the router's.</summary>
    private bool Reaches(NamespaceState node, IpAddress pod, IpAddress owner)
    {
        if (Best(node, pod)?.Via is not { } via) return false;
        if (via == owner) return true;
        return _state.Router is { } router && router.Has(via) && Best(router, pod)?.Via == owner;
    }

    /// <summary>Longest prefix, then lowest metric, as the kernel chooses.</summary>
    private static RouteState? Best(NamespaceState at, IpAddress destination)
        => at.Routes.Where(r => r.Destination.Contains(destination)).OrderByDescending(r => r.Destination.Length).ThenBy(r => r.Metric).FirstOrDefault() is { Type: RouteType.Unicast } route ? route : null;

    private static IpAddress Beyond(bool v6) => (v6 ? LabAddresses.InternetV6 : LabAddresses.InternetV4).Address;

    private static IpPrefix? First(IEnumerable<IpPrefix> addresses, IpPrefix block)
    {
        foreach (IpPrefix address in addresses)
        {
            // A length that leaves the gateway out is no address in the block.
            if (block.Contains(address.Address) && address.Length >= block.Length && address.Length < address.Address.Bits) return address;
        }

        return null;
    }

    /// <summary>Who else has an address; null: nobody.</summary>
    private string? Owner(IpAddress address, string self)
    {
        foreach (NamespaceState other in _state.Namespaces)
        {
            if (other.Name != self && other.Has(address)) return other.Name;
        }

        return null;
    }
}
