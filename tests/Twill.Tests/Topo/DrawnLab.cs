using Twill.Lab;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Linux.Route;

namespace Twill.Tests.Topo;

/// <summary>The state of a lab as the kernel would tell it, made of nothing, so that pictures of it are the same everywhere.</summary>
internal static class DrawnLab
{
    internal static LabState Make(int nodes, int pods, LabMode mode = LabMode.Direct, bool v4 = true, bool v6 = false, Func<int, string>? podName = null)
    {
        podName ??= LabNames.Pod;
        var spec = new LabSpec
        {
            Mode = mode,
            V4 = v4,
            V6 = v6,
            Nodes = [.. Enumerable.Range(1, nodes).Select(i => new LabNodeSpec(i))],
            Pods = [.. Enumerable.Range(0, nodes * pods).Select(i => new LabPodSpec(podName(i), LabNames.Node(1 + (i / pods))))],
        };
        var all = new List<NamespaceState> { Router(spec), Internet(spec) };
        foreach (LabNodeSpec node in spec.Nodes)
        {
            LabPodSpec[] own = [.. spec.PodsOf(node.Name)];
            all.Add(Node(spec, node.Index, own));
            for (int j = 0; j < own.Length; j++) all.Add(Pod(spec, node.Index, own[j], j));
        }

        return new LabState(spec, all);
    }

    /// <summary>The same with one namespace changed.</summary>
    internal static LabState With(this LabState state, string name, Func<NamespaceState, NamespaceState> change)
        => state with { Namespaces = [.. state.Namespaces.Select(n => n.Name == name ? change(n) : n)] };

    internal static NamespaceState WithLink(this NamespaceState network, string name, Func<LinkState, LinkState> change)
        => network with { Links = [.. network.Links.Select(l => l.Name == name ? change(l) : l)] };

    internal static string Cable(int node, int pod) => $"twaznip0af4{node:x2}{2 + pod:x2}";

    private static IEnumerable<IpPrefix> Families(LabSpec spec, string v4, string v6)
    {
        if (spec.V4) yield return IpPrefix.Parse(v4);
        if (spec.V6) yield return IpPrefix.Parse(v6);
    }

    private static IEnumerable<RouteState> Routes(LabSpec spec, string device, string to4, string via4, string to6, string via6)
    {
        if (spec.V4) yield return new RouteState(IpPrefix.Parse(to4), IpAddress.Parse(via4), device, new RouteProtocol(77));
        if (spec.V6) yield return new RouteState(IpPrefix.Parse(to6), IpAddress.Parse(via6), device, new RouteProtocol(77));
    }

    private static NamespaceState Router(LabSpec spec) => new()
    {
        Name = LabNames.Router,
        Kind = LabKind.Router,
        Links =
        [
            Loopback,
            new LinkState(2, "lan", "bridge", Mac(1), 1500, true, true),
            new LinkState(3, "internet", "veth", Mac(2), 1500, true, true, null, "internet", "eth0"),
            .. spec.Nodes.Select(n => new LinkState(3 + n.Index, n.Name, "veth", Mac(16 + n.Index), 1500, true, true, "lan", n.Name, "eth0")),
        ],
        Addresses =
        [
            .. Families(spec, "192.168.1.1/24", "fd00:192:168:1::1/64").Select(a => new AddressState("lan", a)),
            .. Families(spec, "203.0.113.1/24", "2001:db8:113::1/64").Select(a => new AddressState("internet", a)),
        ],
        Routes =
        [
            .. Routes(spec, "internet", "8.8.8.8/32", "203.0.113.8", "2001:4860:4860::8888/128", "2001:db8:113::8"),
            .. spec.Mode == LabMode.Direct ? [] : spec.Nodes.SelectMany(n => Routes(spec, "lan", $"10.244.{n.Index}.0/24", $"192.168.1.{10 + n.Index}", $"fd00:10:244:{n.Index}::/64", $"fd00:192:168:1::{10 + n.Index}")),
        ],
        Sysctls = Forwarding,
    };

    private static NamespaceState Internet(LabSpec spec) => new()
    {
        Name = LabNames.Internet,
        Kind = LabKind.Internet,
        Links = [Loopback, new LinkState(2, "eth0", "veth", Mac(3), 1500, true, true, null, "router", "internet")],
        Addresses =
        [
            new AddressState("lo", IpPrefix.Parse("127.0.0.1/8")),
            .. Families(spec, "8.8.8.8/32", "2001:4860:4860::8888/128").Select(a => new AddressState("lo", a)),
            .. Families(spec, "203.0.113.8/24", "2001:db8:113::8/64").Select(a => new AddressState("eth0", a)),
        ],
    };

    private static NamespaceState Node(LabSpec spec, int index, LabPodSpec[] pods) => new()
    {
        Name = LabNames.Node(index),
        Kind = LabKind.Node,
        Index = index,
        Links =
        [
            Loopback,
            new LinkState(2, "eth0", "veth", Mac(32 + index), 1500, true, true, null, "router", LabNames.Node(index)),
            new LinkState(3, "v-net-0", "bridge", Mac((index << 8) + 1), 1500, true, true) { Alias = "twill bridge" },
            .. pods.Select((p, j) => new LinkState(4 + j, Cable(index, j), "veth", Mac((index << 8) + 64 + j), 1500, true, true, "v-net-0", p.Name, "eth0")
            {
                Alias = $"twill net=lab pod=lab/{p.Name} if=eth0 ip={string.Join(',', PodAddresses(spec, index, j))}",
                AltNames = [$"twill:{p.Name}:eth0"],
                Port = new BridgePort { State = BridgePortState.Forwarding, Learning = true, Flood = true },
            }),
        ],
        Addresses =
        [
            .. Families(spec, $"192.168.1.{10 + index}/24", $"fd00:192:168:1::{10 + index}/64").Select(a => new AddressState("eth0", a)),
            .. Families(spec, $"10.244.{index}.1/24", $"fd00:10:244:{index}::1/64").Select(a => new AddressState("v-net-0", a)),
        ],
        Routes =
        [
            .. Routes(spec, "eth0", "0.0.0.0/0", "192.168.1.1", "::/0", "fd00:192:168:1::1"),
            .. spec.Mode == LabMode.Router ? [] : spec.Nodes.Where(n => n.Index != index).SelectMany(n => Routes(spec, "eth0", $"10.244.{n.Index}.0/24", $"192.168.1.{10 + n.Index}", $"fd00:10:244:{n.Index}::/64", $"fd00:192:168:1::{10 + n.Index}")),
        ],
        Forwarding = [.. pods.Select((_, j) => new ForwardingEntry(Mac((index << 8) + 128 + j), "v-net-0", Cable(index, j), false))],
        Sysctls = Forwarding,
    };

    private static IEnumerable<IpPrefix> PodAddresses(LabSpec spec, int node, int pod) => Families(spec, $"10.244.{node}.{2 + pod}/24", $"fd00:10:244:{node}::{2 + pod:x}/64");

    private static NamespaceState Pod(LabSpec spec, int node, LabPodSpec pod, int index) => new()
    {
        Name = pod.Name,
        Kind = LabKind.Pod,
        Node = LabNames.Node(node),
        Links = [Loopback, new LinkState(2, "eth0", "veth", Mac((node << 8) + 128 + index), 1500, true, true, null, LabNames.Node(node), Cable(node, index))],
        Addresses = [.. PodAddresses(spec, node, index).Select(a => new AddressState("eth0", a))],
        Routes = [.. Routes(spec, "eth0", "0.0.0.0/0", $"10.244.{node}.1", "::/0", $"fd00:10:244:{node}::1")],
    };

    private static Dictionary<string, string> Forwarding => new() { ["net/ipv4/ip_forward"] = "1", ["net/ipv6/conf/all/forwarding"] = "1" };

    private static LinkState Loopback => new(1, "lo", "loopback", new MacAddress(0), 65536, true, true);

    private static MacAddress Mac(int number) => new(0x0e_00_00_00_00_00 + (ulong)number);
}
