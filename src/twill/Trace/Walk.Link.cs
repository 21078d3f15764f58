using Twill.Lab;
using Twill.Lab.State;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Trace;

/// <summary>Neighbours, cables and bridges.</summary>
internal sealed partial class Walk
{
    /// <summary>Bridges on one way between two namespaces with addresses.</summary>
    private const int MaxBridges = 8;

    /// <summary>VLAN_HLEN: what a device takes beyond its MTU. Source: __is_skb_forwardable in include/linux/netdevice.h.</summary>
    private const int Tolerance = 4;

    private const NeighbourState Usable = NeighbourState.Permanent | NeighbourState.NoArp | NeighbourState.Reachable | NeighbourState.Stale | NeighbourState.Delay | NeighbourState.Probe;

    /// <summary>An interface with addresses of its own.</summary>
    private sealed record End(NamespaceState Space, LinkState Link);

    private Arrival? Resolve(NamespaceState space, LinkState link, IpAddress nextHop, string words)
    {
        string protocol = nextHop.IsV6 ? "NDP" : "ARP";
        HopPoint point = new(space.Name, link.Name, true);
        NeighbourEntry? entry = space.Neighbours.FirstOrDefault(n => n.Address == nextHop && n.Device == link.Name && n.Mac is not null && (n.State & Usable) != 0);
        End? owner = Flood(space, link, 0).FirstOrDefault(e => e.Space.Has(nextHop));
        if (entry?.Mac is { } known)
        {
            if (owner is { } other && other.Link.Mac != known && !IsRight(nextHop, known))
            {
                Add(space, link.Name, $"{words}; {nextHop} is believed at {known}", point);
                Cross(space, link, known);
                _arrived = null;
                _cause = new Cause(CauseKind.WrongNeighbour, space.Name, $"{space.Name} believes {nextHop} at {known}, but {other.Space.Name} has {other.Link.Mac}")
                {
                    Fix = [$"ip -n {space.Name} neigh del {nextHop} dev {link.Name}"],
                };
                return null;
            }

            Add(space, link.Name, $"{words}; {nextHop} is at {known}", point);
            return Cross(space, link, known);
        }

        if (owner?.Link.Mac is { } found)
        {
            Add(space, link.Name, $"{words}; asks for {nextHop} ({protocol}), at {found}", point);
            return Cross(space, link, found);
        }

        return Fail(space, link.Name, $"{words}; nobody answers {protocol} for {nextHop}", WhoIsSilent(space, link, nextHop));
    }

    /// <summary>Whether an interface with this address has this hardware address, be it reachable or not.</summary>
    private bool IsRight(IpAddress address, MacAddress mac)
        => _state.Namespaces.Any(n => n.Addresses.Any(a => a.Address.Address == address && n.Link(a.Device)?.Mac == mac));

    /// <summary>Why nobody answers: follows a question to the one who should.</summary>
    private Cause WhoIsSilent(NamespaceState space, LinkState link, IpAddress nextHop)
    {
        NamespaceState? far = _state.Namespaces.FirstOrDefault(n => n.Has(nextHop));
        LinkState? there = far?.Links.FirstOrDefault(l => far.AddressesOf(l.Name).Any(a => a.Address == nextHop));
        if (far is not null && there is { Up: false }) return IsDown(far, there);
        if (there?.Mac is { } mac)
        {
            // A walk aside: its hops are of a question, not of the packet.
            var aside = new Walk(_state, _routes, _packet with { Length = Packet.LeastLength(TraceProtocol.Icmp, nextHop.IsV6) }, [], 0);
            if (aside.Cross(space, link, mac) is null && aside._cause is { } cause) return cause;
        }

        bool gateway = nextHop != _packet.Destination;
        return far is null && gateway
            ? new Cause(CauseKind.WrongGateway, space.Name, $"{space.Name}'s route to {_packet.Destination} goes via {nextHop}, and nobody has that address")
            : far is null
                ? new Cause(CauseKind.NoSuchAddress, space.Name, $"nobody has {nextHop}")
                : new Cause(CauseKind.NoNeighbour, space.Name, $"{space.Name} looks for {nextHop} behind its {Named(link)}, but {far.Name} has that address elsewhere");
    }

    /// <summary>Over cables and through bridges to the interface with this hardware address.</summary>
    private Arrival? Cross(NamespaceState space, LinkState link, MacAddress mac)
    {
        if (link.Kind == "vxlan") return Encapsulate(space, link, mac);
        MacAddress? sender = link.Mac;
        for (int i = 0; i < MaxBridges; i++)
        {
            if (!link.Up) return Fail(space, link.Name, "is down", IsDown(space, link));
            if (link.Kind == "bridge")
            {
                if (Switch(space, link, null, mac) is not { } first) return null;
                link = first;
            }

            if (link.PeerNamespace is null || link.Peer is null || _state.Find(link.PeerNamespace) is not { } far || far.Link(link.Peer) is not { } end)
                return Fail(space, link.Name, "the other end of the cable is not in the lab", new Cause(CauseKind.NoCable, space.Name, $"{space.Name}'s {Named(link)} leads nowhere"));
            if (!end.Up) return Fail(far, end.Name, "is down", IsDown(far, end));
            if (_packet.Length > end.Mtu + Tolerance) return Fail(far, end.Name, $"takes {end.Mtu} bytes, drops {_packet.Length} without a word", TooBig(far, end, end.Mtu));
            var point = new HopPoint(far.Name, end.Name, false);
            if (end.Master is null || far.Link(end.Master) is not { } bridge)
            {
                if (end.Mac == mac)
                {
                    Add(far, end.Name, "arrives, its MAC", point);
                    return new Arrival(far, end.Name);
                }

                return Fail(far, end.Name, $"is in no bridge, and {mac} is not its MAC", NotMine(far, end, mac), point);
            }

            if (Blocked(far, bridge, end, sender) is { } blocked) return Fail(far, end.Name, blocked.Words, blocked.Cause, point, bridge.Name);
            Add(far, end.Name, $"port of bridge {bridge.Name}", point, bridge.Name);
            if (bridge.CallsNftables && Shown(far, bridge, ref mac) is { } refused) return Refuse(far, NftHookPoint.Prerouting, refused);
            if (bridge.Mac == mac || far.Forwarding.Any(f => f.Local && f.Bridge == bridge.Name && f.Mac == mac))
            {
                Add(far, bridge.Name, $"for {far.Name} itself (MAC of the bridge)", new HopPoint(far.Name, bridge.Name, false));
                return new Arrival(far, bridge.Name, bridge.CallsNftables);
            }

            if (bridge.CallsNftables && (Rules(far, NftHookPoint.Forward, bridge.Name, bridge.Name) ?? Rules(far, NftHookPoint.Postrouting, null, bridge.Name)) is { } dropped) return Refuse(far, NftHookPoint.Forward, dropped);
            if (Switch(far, bridge, end, mac) is not { } port) return null;
            space = far;
            link = port;
        }

        return Fail(space, link.Name, "too many bridges", new Cause(CauseKind.Loop, space.Name, $"frames go through more than {MaxBridges} bridges"));
    }

    /// <summary>A bridge shows what comes in to the rules of prerouting; with another destination it is bridged at once if that is on this bridge, else routed.</summary>
    /// <param name="mac">To whom the frame goes.</param>
    /// <remarks>Source: br_nf_pre_routing_finish, net/bridge/br_netfilter_hooks.c.</remarks>
    private RuleResult? Shown(NamespaceState space, LinkState bridge, ref MacAddress mac)
    {
        IpAddress before = _packet.Destination;
        if (Rules(space, NftHookPoint.Prerouting, bridge.Name, null) is { } dropped) return dropped;
        if (_packet.Destination == before) return null;
        RouteDecision way = _routes.Lookup(space, _packet.Destination, _packet.Source, bridge.Name);
        MacAddress? behind = way.Error == Errno.None && way.Type != RouteType.Local && way.Device == bridge.Name && way.Gateway is null
            ? Flood(space, bridge, 0).FirstOrDefault(e => e.Space.Has(_packet.Destination))?.Link.Mac
            : null;
        mac = behind ?? bridge.Mac ?? mac;
        return null;
    }

    /// <summary>The cable may be there, and not be a port, or be down.</summary>
    private Cause NowhereBehind(NamespaceState space, LinkState bridge, MacAddress mac)
    {
        foreach (LinkState cable in space.Links)
        {
            if (cable.PeerNamespace is not { } far || cable.Peer is not { } name || _state.Find(far) is not { } there || there.Link(name) is not { } end || end.Mac != mac) continue;
            if (cable.Master != bridge.Name) return NotInBridge(space, cable, bridge.Name);
            if (!cable.Up) return IsDown(space, cable);
            if (!end.Up) return IsDown(there, end);
            if (Blocked(space, bridge, cable, null) is { } blocked) return blocked.Cause;
        }

        return new Cause(CauseKind.WrongNeighbour, space.Name, $"nobody behind {space.Name}'s bridge {bridge.Name} has {mac}");
    }

    private static Cause NotInBridge(NamespaceState space, LinkState cable, string bridge)
        => new(CauseKind.NotInBridge, space.Name, $"{space.Name}'s {Named(cable)} is not a port of the bridge {bridge}") { Fix = [$"ip -n {space.Name} link set {cable.Name} master {bridge}"] };

    private static Cause NotMine(NamespaceState space, LinkState end, MacAddress mac) => space.Bridge is { } bridge && end.Name.StartsWith("tw", StringComparison.Ordinal) || space.Kind == LabKind.Router
        ? NotInBridge(space, end, space.Bridge?.Name ?? LabAddresses.Lan)
        : new Cause(CauseKind.WrongNeighbour, space.Name, $"a frame for {mac} comes to {space.Name}'s {end.Name}, which has {end.Mac}");

    private static (string Words, Cause Cause)? Blocked(NamespaceState space, LinkState bridge, LinkState port, MacAddress? sender)
    {
        if (!bridge.Up) return ($"its bridge {bridge.Name} is down", IsDown(space, bridge));
        if (port.Port is { } state && state.State != BridgePortState.Forwarding)
            return ($"the port is {state.State.ToString().ToLowerInvariant()}", new Cause(CauseKind.PortBlocked, space.Name, $"{space.Name}'s bridge {bridge.Name} blocks the port {Named(port)}: its state is {state.State.ToString().ToLowerInvariant()}") { Fix = [$"bridge -n {space.Name} link set dev {port.Name} state 3"] });
        if (port.Port is { Locked: true } && sender is { } mac && !space.Forwarding.Any(f => f.Mac == mac && f.Port == port.Name))
            return ($"the port is locked, and {mac} is not allowed in", new Cause(CauseKind.PortBlocked, space.Name, $"{space.Name}'s bridge {bridge.Name} lets nothing from {mac} in by the port {Named(port)}, which is locked") { Fix = [$"bridge -n {space.Name} fdb replace {mac} dev {port.Name} master static"] });
        return null;
    }

    /// <summary>The port that a bridge sends a frame out by.</summary>
    private LinkState? Switch(NamespaceState space, LinkState bridge, LinkState? from, MacAddress mac)
    {
        ForwardingEntry? entry = space.Forwarding.FirstOrDefault(f => f.Bridge == bridge.Name && f.Mac == mac && !f.Local);
        LinkState? port = entry is null
            ? space.PortsOf(bridge.Name).FirstOrDefault(p => (p != from || p.Port is { Hairpin: true }) && p.Port is not { Flood: false } && Flood(space, p, 0).Any(e => e.Link.Mac == mac))
            : space.Link(entry.Port);
        if (port is null)
        {
            Fail(space, bridge.Name, $"{mac} is behind no port", NowhereBehind(space, bridge, mac), bridge: bridge.Name);
            return null;
        }

        string words = entry is null ? $"{mac} is not known yet: sent to all ports" : $"{mac} is behind it";
        if (port == from && port.Port is not { Hairpin: true })
            Fail(space, port.Name, $"{mac} is behind the port it came in by", new Cause(CauseKind.PortBlocked, space.Name, $"{space.Name}'s bridge {bridge.Name} has {mac} behind the port it came in by"), bridge: bridge.Name);
        else if (from?.Port is { Isolated: true } && port.Port is { Isolated: true })
            Fail(space, port.Name, "both ports are isolated", new Cause(CauseKind.PortBlocked, space.Name, $"{space.Name}'s bridge {bridge.Name} keeps the ports {Named(from)} and {Named(port)} apart (isolated)") { Fix = [$"bridge -n {space.Name} link set dev {port.Name} isolated off"] }, bridge: bridge.Name);
        else if (!port.Up)
            Fail(space, port.Name, "is down", IsDown(space, port), bridge: bridge.Name);
        else if (Blocked(space, bridge, port, null) is { } blocked)
            Fail(space, port.Name, blocked.Words, blocked.Cause, bridge: bridge.Name);
        else if (_packet.Length > port.Mtu + Tolerance)
            Fail(space, port.Name, $"takes {port.Mtu} bytes, the bridge drops {_packet.Length} without a word", TooBig(space, port, port.Mtu), bridge: bridge.Name);
        else
        {
            Add(space, port.Name, words, new HopPoint(space.Name, port.Name, true), bridge.Name);
            return port;
        }

        return null;
    }

    /// <summary>Every interface with addresses of its own that a broadcast from this one comes to.</summary>
    private IEnumerable<End> Flood(NamespaceState space, LinkState link, int depth)
    {
        if (depth > MaxBridges || !link.Up) yield break;
        if (link.Kind == "bridge")
        {
            foreach (LinkState port in space.PortsOf(link.Name).Where(p => Blocked(space, link, p, null) is null))
            {
                foreach (End end in Flood(space, port, depth + 1)) yield return end;
            }

            yield break;
        }

        if (link.PeerNamespace is null || link.Peer is null || _state.Find(link.PeerNamespace) is not { } far || far.Link(link.Peer) is not { Up: true } cable) yield break;
        if (cable.Master is null || far.Link(cable.Master) is not { } bridge)
        {
            yield return new End(far, cable);
            yield break;
        }

        if (Blocked(far, bridge, cable, link.Mac) is not null) yield break;
        yield return new End(far, bridge);
        foreach (LinkState port in far.PortsOf(bridge.Name).Where(p => p != cable && Blocked(far, bridge, p, null) is null))
        {
            foreach (End end in Flood(far, port, depth + 1)) yield return end;
        }
    }
}
