using Twill.Fabric.LoadBalancers;
using Twill.Lab.Agents;
using Twill.Lab.Container;
using Twill.Linux.Netns;
using Twill.Linux.Nft;
using Twill.Linux.Nft.Expressions;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Lab.State;

/// <summary>Reads a lab's network from the kernel. Writes nothing; a namespace that goes away meanwhile is left out.</summary>
internal static class LabStateReader
{
    private static readonly string[] s_sysctls = ["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"];

    private static readonly string[] s_routerSysctls = [.. s_sysctls, "net/ipv4/conf/all/send_redirects", $"net/ipv4/conf/{LabAddresses.Lan}/send_redirects"];

    private static readonly IpPrefix s_linkLocal = IpPrefix.Parse("fe80::/10"), s_multicast = IpPrefix.Parse("ff00::/8");

    /// <param name="wanted">Null: everybody; else those namespaces only, the others are as if they were not there.</param>
    internal static LabState Read(LabInventory inventory, Func<LabMark, bool>? wanted = null)
    {
        Slot[] slots = [.. Ordered(inventory).Where(m => wanted is null || wanted(m)).Select(m => new Slot(m))];
        try
        {
            // Each namespace is its own: they are read side by side, and put together in order.
            Workers.ForEach(slots, static slot => slot.Part = Part.TryOpen(slot.Mark));
            List<Part> parts = [.. slots.Where(s => s.Part is not null).Select(s => s.Part!)];
            var peers = new PeerFinder(parts);
            Workers.ForEach(slots, slot => slot.State = slot.Part is null ? null : ReadNamespace(slot.Part, peers));
            return new LabState(inventory.Spec, [.. slots.Where(s => s.State is not null).Select(s => s.State!)]);
        }
        finally
        {
            foreach (Slot slot in slots) slot.Part?.Dispose();
        }
    }

    /// <summary>A namespace's place in the order.</summary>
    private sealed class Slot(LabMark mark)
    {
        internal LabMark Mark => mark;

        internal Part? Part { get; set; }

        internal NamespaceState? State { get; set; }
    }

    private static IEnumerable<LabMark> Ordered(LabInventory inventory)
    {
        foreach (LabMark mark in inventory.Marks.Where(m => m.Kind is LabKind.Router or LabKind.Internet).OrderBy(m => m.Kind)) yield return mark;
        foreach (LabMark node in inventory.Nodes)
        {
            yield return node;
            foreach (LabMark pod in inventory.PodsOf(node.Name)) yield return pod;
        }

        foreach (LabMark pod in inventory.Orphans) yield return pod;
    }

    private static NamespaceState ReadNamespace(Part part, PeerFinder peers)
    {
        RouteSocket socket = part.Socket;
        string? Name(IfIndex? index) => index is { } i ? part.Links.Find(l => l.Index == i)?.Name : null;
        LabMark mark = part.Mark;
        bool forwards = mark.Kind is LabKind.Node or LabKind.Router;
        using NftSocket? nft = forwards ? NftSocket.Open(part.Network) : null;
        IReadOnlyList<NftRuleInfo> rules = nft is null ? [] : nft.Rules();
        return new NamespaceState
        {
            Name = mark.Name,
            Kind = mark.Kind,
            Index = mark.Index,
            Node = mark.Node,
            Links = [.. part.Links.Select(l => Link(part, l, Name(l.Master), peers))],
            Addresses = [.. socket.Addresses().Where(a => !s_linkLocal.Contains(a.Address.Address)).OrderBy(a => a.Address.IsV6).ThenBy(a => a.Protocol == Announcer.Mark).Select(a => new AddressState(Name(a.Dev) ?? "?", a.Address))],
            Routes = [.. socket.Routes(new RouteFilter(Table: RouteTable.Main)).Where(r => !s_linkLocal.Contains(r.Destination.Address) && !s_multicast.Contains(r.Destination.Address)).Select(r => new RouteState(r.Destination, r.Gateway, Name(r.Dev), r.Protocol, r.Priority, r.PreferredSource, r.Type))],
            Neighbours = [.. socket.Neighbours().Where(n => n.Address is { } a && !s_multicast.Contains(a)).Select(n => new NeighbourEntry(n.Address!.Value, Name(n.Dev) ?? "?", n.Mac, n.State))],
            Forwarding = part.Links.Exists(l => l.Kind == "bridge") ? Forwarding(socket, Name) : [],
            Tunnels = part.Links.Exists(l => l.Kind == "vxlan") ? [.. socket.Fdb().Where(e => e is { Mac: not null, Master: null, Address: not null }).Select(e => new TunnelEntry(Name(e.Dev) ?? "?", e.Mac!.Value, e.Address!.Value))] : [],
            Sysctls = forwards ? ReadSysctls(part.Network, mark.Kind == LabKind.Router ? s_routerSysctls : s_sysctls) : new Dictionary<string, string>(),
            Chains = nft is null ? [] : nft.Chains(),
            Rules = rules,
            Sets = nft is not null && rules.Any(r => r.Expressions.Any(e => e is NftLookup)) ? [.. nft.AllSets(null).Select(set => new SetState(set, nft.Elements(set)))] : [],
            Agent = mark.Kind switch { LabKind.Node => LabAgents.Running(mark.Name), LabKind.Router => LabEtcd.Pid() is null ? "" : "etcd", _ => "" },
            Told = mark.Kind == LabKind.Router && File.Exists(LabAgents.NodesPath) ? File.ReadAllText(LabAgents.NodesPath) : "",
            Containers = mark.Containers.Count == 0 ? [] : PodContainers.Running(part.Network),
        };
    }

    private static LinkState Link(Part part, Link link, string? master, PeerFinder peers)
    {
        (string Namespace, string Name)? peer = link.Kind == "veth" ? peers.Of(part, link) : null;
        string kind = (link.Flags & LinkFlags.Loopback) != 0 ? "loopback" : link.Kind;
        return new LinkState(link.Index.Value, link.Name, kind, link.Mac, link.Mtu.Value, link.IsUp, link.IsRunning, master, peer?.Namespace, peer?.Name) { Alias = link.Alias, AltNames = link.AltNames, Port = link.BridgePort, CallsNftables = link.Bridge is { NfCallIptables: true, NfCallIp6tables: true } };
    }

    private static ForwardingEntry[] Forwarding(RouteSocket socket, Func<IfIndex?, string?> name)
        => [.. socket.Fdb().Where(e => e.Mac is not null && e.Master is not null && !e.Mac.Value.IsMulticast).Select(e => new ForwardingEntry(e.Mac!.Value, name(e.Master) ?? "?", name(e.Dev) ?? "?", (e.State & NeighbourState.Permanent) != 0))];

    private static Dictionary<string, string> ReadSysctls(NetworkNamespace network, string[] keys)
    {
        var values = new Dictionary<string, string>();
        network.Run(() =>
        {
            foreach (string key in keys)
            {
                if (Sysctl.Read(key) is { } value) values[key] = value;
            }
        });
        return values;
    }

    /// <summary>A namespace of the lab, open, and its links.</summary>
    private sealed class Part(LabMark mark, NetworkNamespace network, RouteSocket socket) : IDisposable
    {
        internal LabMark Mark => mark;

        internal NetworkNamespace Network => network;

        internal RouteSocket Socket => socket;

        internal List<Link> Links { get; } = socket.Links();

        public void Dispose()
        {
            socket.Dispose();
            network.Dispose();
        }

        internal static Part? TryOpen(LabMark mark)
        {
            NetworkNamespace? network = NetworkNamespace.TryOpen(NetworkNamespace.NamedPath(mark.Name), out _);
            return network is null ? null : new Part(mark, network, RouteSocket.Open(network));
        }
    }

    /// <summary>Who is at the other end of a cable.</summary>
    /// <remarks>
    /// A link tells the other end's index, and a number that its own namespace has for the other's. Most ends have but one
    /// candidate; the number, one question each, is asked for where there are several.
    /// </remarks>
    private sealed class PeerFinder
    {
        private readonly Dictionary<(int Index, int Linked), List<(Part Part, Link Link)>> _ends = [];

        internal PeerFinder(List<Part> parts)
        {
            foreach (Part part in parts)
            {
                foreach (Link link in part.Links)
                {
                    if (link.LinkedIndex is not { } linked) continue;
                    (int, int) key = (link.Index.Value, linked.Value);
                    if (!_ends.TryGetValue(key, out List<(Part, Link)>? list)) _ends[key] = list = [];
                    list.Add((part, link));
                }
            }
        }

        internal (string Namespace, string Name)? Of(Part part, Link link)
        {
            if (link.LinkedIndex is not { } linked || !_ends.TryGetValue((linked.Value, link.Index.Value), out List<(Part Part, Link Link)>? candidates)) return null;
            foreach ((Part other, Link end) in candidates)
            {
                if (other == part ? end != link && link.LinkNamespaceId < 0 : link.LinkNamespaceId >= 0 && part.Socket.NamespaceId(other.Network) == link.LinkNamespaceId) return (other.Mark.Name, end.Name);
            }

            return null;
        }
    }
}
