using Twill.Lab.Goal;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Trace;

namespace Twill.Tests.Trace;

/// <summary>Labs that are as they should be but for one thing.</summary>
internal static class Faults
{
    internal static LabSpec Spec { get; } = new LabSpec { V6 = true }.Grown(3, 2);

    internal static LabState Healthy { get; } = LabGoal.For(Spec);

    internal static NftChain Forward { get; } = new(new NftTable(NftFamily.Inet, "f"), "fw") { Hook = NftHook.Filter(NftHookPoint.Forward) };

    /// <summary>What is broken, whom it stops on the way to whom, what the cause must be, and where.</summary>
    internal static readonly Dictionary<string, (Func<LabState, LabState> Break, TraceRequest Request, CauseKind Cause, string Where)> All = new(StringComparer.Ordinal)
    {
        ["route"] = (s => WithoutRoute(s, "node1", "10.244.2.0/24"), new("blue", "green"), CauseKind.NoRoute, "node1"),
        ["route-back"] = (s => WithoutRoute(s, "node2", "10.244.1.0/24"), new("blue", "green"), CauseKind.NoRoute, "node2"),
        ["route-of-pod"] = (s => WithoutRoute(s, "blue", "0.0.0.0/0"), new("blue", "green"), CauseKind.NoRoute, "blue"),
        ["route-default"] = (s => WithoutRoute(s, "node1", "0.0.0.0/0"), new("blue", "internet"), CauseKind.NoRoute, "node1"),
        ["route-ipv6"] = (s => WithoutRoute(s, "node1", "fd00:10:244:2::/64"), new("blue", "green") { V6 = true }, CauseKind.NoRoute, "node1"),
        ["route-blackhole"] = (s => In(s, "node1", n => n with { Routes = [.. n.Routes.Where(r => r.Destination.ToString() != "10.244.2.0/24"), new RouteState(IpPrefix.Parse("10.244.2.0/24"), null, null, RouteProtocol.Boot, Type: RouteType.Blackhole)] }), new("blue", "green"), CauseKind.BadRoute, "node1"),
        ["gateway"] = (s => In(s, "node1", n => n with { Routes = [.. n.Routes.Select(r => r.Destination.ToString() == "10.244.2.0/24" ? r with { Via = IpAddress.Parse("192.168.1.99") } : r)] }), new("blue", "green"), CauseKind.WrongGateway, "node1"),
        ["gateway-of-pod"] = (s => In(s, "blue", n => n with { Routes = [.. n.Routes.Select(r => r.Via is { IsV6: false } ? r with { Via = IpAddress.Parse("10.244.1.77") } : r)] }), new("blue", "green"), CauseKind.WrongGateway, "blue"),
        ["bridge"] = (s => Down(s, "node2", "v-net-0"), new("blue", "green"), CauseKind.BridgeDown, "node2"),
        ["bridge-near"] = (s => Down(s, "node1", "v-net-0"), new("blue", "green"), CauseKind.BridgeDown, "node1"),
        ["bridge-address"] = (s => In(s, "node1", n => n with { Addresses = [.. n.Addresses.Where(a => a.Device != "v-net-0")] }), new("blue", "green"), CauseKind.NoAddress, "node1"),
        ["veth"] = (s => Link(s, "node2", Cable(s, "green"), l => l with { Master = null }), new("blue", "green"), CauseKind.NotInBridge, "node2"),
        ["veth-near"] = (s => Link(s, "node1", Cable(s, "blue"), l => l with { Master = null }), new("blue", "green"), CauseKind.NotInBridge, "node1"),
        ["veth-down"] = (s => Down(s, "node2", Cable(s, "green")), new("blue", "green"), CauseKind.LinkDown, "node2"),
        ["pod-down"] = (s => Down(s, "green", "eth0"), new("blue", "green"), CauseKind.LinkDown, "green"),
        ["uplink-down"] = (s => Down(s, "node1", "eth0"), new("blue", "green"), CauseKind.LinkDown, "node1"),
        ["wire"] = (s => Link(s, "router", "node2", l => l with { Master = null }), new("blue", "green"), CauseKind.NotInBridge, "router"),
        ["port"] = (s => Link(s, "node2", Cable(s, "green"), l => l with { Port = new BridgePort { State = BridgePortState.Blocking } }), new("blue", "green"), CauseKind.PortBlocked, "node2"),
        ["isolated"] = (s => Link(Link(s, "node1", Cable(s, "blue"), Isolated), "node1", Cable(s, "red"), Isolated), new("blue", "red"), CauseKind.PortBlocked, "node1"),
        ["arp"] = (s => In(s, "blue", n => n with { Neighbours = [new NeighbourEntry(IpAddress.Parse("10.244.1.1"), "eth0", new MacAddress(0x020000000099), NeighbourState.Permanent)] }), new("blue", "green"), CauseKind.WrongNeighbour, "blue"),
        ["arp-far"] = (s => In(s, "node2", n => n with { Neighbours = [new NeighbourEntry(IpAddress.Parse("10.244.2.2"), "v-net-0", new MacAddress(0x020000000099), NeighbourState.Permanent)] }), new("blue", "green"), CauseKind.WrongNeighbour, "node2"),
        ["forward"] = (s => In(s, "node2", n => n with { Sysctls = new Dictionary<string, string> { ["net/ipv4/ip_forward"] = "0" } }), new("blue", "green"), CauseKind.NotForwarding, "node2"),
        ["mtu"] = (s => Link(s, "node1", "eth0", l => l with { Mtu = 1400 }), new("blue", "green") { Size = 1500 }, CauseKind.TooBig, "node1"),
        ["mtu-silent"] = (s => Link(s, "green", "eth0", l => l with { Mtu = 1400 }), new("blue", "green") { Size = 1500 }, CauseKind.TooBig, "green"),
        ["mtu-back"] = (s => Link(s, "green", "eth0", l => l with { Mtu = 1496 }), new("blue", "green") { Size = 1500 }, CauseKind.TooBig, "green"),
        ["masquerade"] = (s => In(s, "node1", n => n with { Rules = [], Chains = [] }), new("blue", "internet"), CauseKind.NotMasqueraded, "node1"),
        ["rule"] = (s => Rule(s, "node2", NftVerdict.Accept, new NftRule(Forward, Nft.Tcp.Dport.Is(80), Nft.Drop) { Comment = "no web" }), new("blue", "green") { Protocol = TraceProtocol.Tcp, Port = 80 }, CauseKind.NftDrop, "node2"),
        ["policy"] = (s => Rule(s, "node2", NftVerdict.Drop, new NftRule(Forward, Nft.Tcp.Dport.Is(80), Nft.Accept)), new("blue", "green") { Protocol = TraceProtocol.Tcp, Port = 81 }, CauseKind.NftDrop, "node2"),
        ["nobody"] = (s => s, new("blue", "10.244.2.9"), CauseKind.NoSuchAddress, "node2"),
        ["loop"] = (s => Via(Via(s, "node1", "10.244.2.0/24", "192.168.1.13"), "node3", "10.244.2.0/24", "192.168.1.11"), new("blue", "green"), CauseKind.WrongGateway, "node1"),
    };

    internal static LabState In(LabState state, string name, Func<NamespaceState, NamespaceState> change) => state with { Namespaces = [.. state.Namespaces.Select(n => n.Name == name ? change(n) : n)] };

    internal static LabState Rule(LabState state, string name, NftVerdict policy, params NftRule[] rules) => In(state, name, n => n with
    {
        Chains = [.. n.Chains, Forward with { Policy = policy }],
        Rules = [.. n.Rules, .. rules.Select((r, i) => new NftRuleInfo(r.Chain, (ulong)i + 2, 0, r.Comment, r.Compile(), default))],
    });

    internal static string Cable(LabState state, string pod) => state.Find(state.Find(pod)!.Node)!.Links.Single(l => l.PeerNamespace == pod).Name;

    private static LabState Link(LabState state, string name, string link, Func<LinkState, LinkState> change) => In(state, name, n => n with { Links = [.. n.Links.Select(l => l.Name == link ? change(l) : l)] });

    private static LinkState Isolated(LinkState link) => link with { Port = new BridgePort { State = BridgePortState.Forwarding, Isolated = true, Flood = true } };

    /// <summary>As the kernel does it: the routes over a link go with it.</summary>
    private static LabState Down(LabState state, string name, string link)
        => In(Link(state, name, link, l => l with { Up = false }), name, n => n with { Routes = [.. n.Routes.Where(r => r.Device != link)] });

    private static LabState WithoutRoute(LabState state, string name, string prefix) => In(state, name, n => n with { Routes = [.. n.Routes.Where(r => r.Destination.ToString() != prefix)] });

    private static LabState Via(LabState state, string name, string prefix, string via)
        => In(state, name, n => n with { Routes = [.. n.Routes.Select(r => r.Destination.ToString() == prefix ? r with { Via = IpAddress.Parse(via) } : r)] });
}
