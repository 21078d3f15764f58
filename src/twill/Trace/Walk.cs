using Twill.Lab;
using Twill.Lab.State;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Trace;

/// <summary>Follows a packet that is not sent through what was read from the kernel: routes, neighbours, cables, bridges, rules.</summary>
/// <remarks>Asks nobody but <see cref="IRoutes"/>. The order of checks is the kernel's: ip_rcv, ip_forward, ip_output, br_handle_frame, veth_xmit.</remarks>
internal sealed partial class Walk
{
    /// <summary>Namespaces that a packet may visit.</summary>
    private const int MaxVisits = 16;

    private readonly LabState _state;
    private readonly IRoutes _routes;
    private readonly List<Translation> _translations;
    private readonly List<Hop> _hops = [];
    private readonly List<Turn> _turns = [];
    private readonly List<string> _unknown = [];
    private readonly int _choice;
    private int _choices;
    private Packet _packet;
    private Cause? _cause;
    private NamespaceState? _arrived;

    private Walk(LabState state, IRoutes routes, Packet packet, List<Translation> translations, int choice)
    {
        _choice = choice;
        _state = state;
        _routes = routes;
        _packet = packet;
        _translations = translations;
    }

    /// <summary>Where a packet comes in: an interface with addresses.</summary>
    /// <param name="Looked">The bridge has shown it to the rules of prerouting already.</param>
    private sealed record Arrival(NamespaceState Space, string Device, bool Looked = false);

    /// <param name="packet">With the source 0 the namespace chooses one.</param>
    /// <param name="translations">Of the same connection; those of this way are added.</param>
    /// <param name="choice">Which one is taken where rules choose.</param>
    internal static Journey Run(LabState state, IRoutes routes, NamespaceState from, Packet packet, List<Translation> translations, int choice = 0)
    {
        var walk = new Walk(state, routes, packet, translations, choice);
        var visited = new HashSet<Arrival>();
        for (Arrival? at = walk.Send(from); at is { } here; at = walk.Receive(here))
        {
            if (visited.Add(here) && visited.Count <= MaxVisits) continue;
            walk.Fail(here.Space, here.Device, "here again", new Cause(CauseKind.Loop, here.Space.Name, $"packets to {walk._packet.Destination} go round in circles through {string.Join(", ", visited.Select(v => v.Space.Name).Distinct())} until their ttl is used up"));
            break;
        }

        return new Journey(walk._hops, walk._cause, walk._arrived, walk._packet) { Turns = walk._turns, Choices = walk._choices, Unknown = [.. walk._unknown.Distinct()] };
    }

    /// <summary>"pod blue", "node1", "wire".</summary>
    internal static string PlaceOf(NamespaceState space, string? bridge = null)
        => space.Kind == LabKind.Pod ? $"pod {space.Name}" : bridge is not null && space.Kind == LabKind.Router ? "wire" : space.Name;

    private static bool Forwards(NamespaceState space, bool v6) => space.Sysctls.GetValueOrDefault(v6 ? "net/ipv6/conf/all/forwarding" : "net/ipv4/ip_forward") == "1";

    private Arrival? Send(NamespaceState space)
    {
        IpAddress? source = _packet.Source == default ? null : _packet.Source;
        RouteDecision way = Decide(space, source, null);
        if (way.Error != Errno.None) return NoWay(space, way);
        if (source is null)
        {
            if (way.Source is not { } chosen) return Fail(space, way.Device ?? "routing", "no address to send from", new Cause(CauseKind.NoAddress, space.Name, $"{space.Name} has no IPv{(_packet.IsV6 ? 6 : 4)} address to send from"));
            _packet = _packet with { Source = chosen };
        }

        IpAddress before = _packet.Destination;
        if (Rules(space, NftHookPoint.Output, null, way.Device) is { } dropped) return Refuse(space, NftHookPoint.Output, dropped);
        if (_packet.Destination != before && (way = Decide(space, _packet.Source, null)).Error != Errno.None) return NoWay(space, way);
        if (way.Type == RouteType.Local)
        {
            Add(space, "lo", $"{_packet.Destination} is an address of its own", new HopPoint(space.Name, "lo", true));
            Add(space, "lo", "comes back in", new HopPoint(space.Name, "lo", false));
            return Deliver(space, "lo");
        }

        return Leave(space, way, way.Text);
    }

    private Arrival? Receive(Arrival at)
    {
        NamespaceState space = at.Space;
        if (!at.Looked && Rules(space, NftHookPoint.Prerouting, at.Device, null) is { } dropped) return Refuse(space, NftHookPoint.Prerouting, dropped);
        if (!space.Has(_packet.Destination) && !Forwards(space, _packet.IsV6)) return Fail(space, "routing", "forwarding is off: what is not for itself is dropped", NotForwarding(space));
        RouteDecision way = Decide(space, _packet.Source, at.Device);
        if (way.Error != Errno.None) return NoWay(space, way);
        if (way.Type == RouteType.Local)
        {
            if (Rules(space, NftHookPoint.Input, at.Device, null) is { } kept) return Refuse(space, NftHookPoint.Input, kept);
            return Deliver(space, at.Device);
        }

        if (_packet.Ttl <= 1) return Fail(space, "routing", "ttl is used up", new Cause(CauseKind.Loop, space.Name, $"the ttl of packets to {_packet.Destination} is used up at {space.Name}"));
        _packet = _packet with { Ttl = (byte)(_packet.Ttl - 1) };
        Add(space, "routing", way.Text, null);
        if (way.Device is { } device && space.Link(device) is { Up: true } link && _packet.Length > Carries(link, way)) return Leave(space, way, "");
        if (Rules(space, NftHookPoint.Forward, at.Device, way.Device) is { } forbidden) return Refuse(space, NftHookPoint.Forward, forbidden);
        return Leave(space, way, $"ttl {_packet.Ttl}");
    }

    private RouteDecision Decide(NamespaceState space, IpAddress? source, string? inputDevice)
    {
        RouteDecision way = _routes.Lookup(space, _packet.Destination, source, inputDevice);
        _turns.Add(new Turn(space, _packet.Destination, way));
        return way;
    }

    /// <summary>Out of a namespace, and over the cable to the next one that has addresses.</summary>
    private Arrival? Leave(NamespaceState space, RouteDecision way, string words)
    {
        if (way.Device is not { } device || space.Link(device) is not { } link) return Fail(space, "routing", $"{way.Text}: no such interface", new Cause(CauseKind.NoRoute, space.Name, $"{space.Name} has no interface for {_packet.Destination}"));
        if (!link.Up) return Fail(space, device, "is down", IsDown(space, link));
        if (_packet.Length > Carries(link, way)) return Fail(space, device, $"carries {Carries(link, way)} bytes, the packet has {_packet.Length} and may not be cut", TooBig(space, link, Carries(link, way)));
        bool translated = _translations.Count > 0;
        if (Rules(space, NftHookPoint.Postrouting, null, device) is { } dropped) return Refuse(space, NftHookPoint.Postrouting, dropped);
        if (_inner is null && !translated && _translations.Count == 0 && space.Chains.Any(c => c.Hook is { Type: "nat", Point: NftHookPoint.Postrouting }) && !_packet.IsReply) words += ", no NAT";
        IpAddress nextHop = way.Gateway ?? _packet.Destination;
        return Resolve(space, link, nextHop, words);
    }

    private static int Carries(LinkState link, RouteDecision way) => Math.Min(link.Mtu, way.Mtu is > 0 ? way.Mtu.Value : int.MaxValue);

    private Arrival? Deliver(NamespaceState space, string device)
    {
        if (_inner is not null) return Decapsulate(space);
        _arrived = space;
        Add(space, device == "lo" ? "lo" : "socket", "delivered", null);
        return null;
    }

    private RuleResult? Rules(NamespaceState space, NftHookPoint point, string? input, string? output)
    {
        if (space.Chains.Count == 0) return null;
        Packet before = _packet;
        string TypeOf(IpAddress address) => space.Has(address) ? "local" : "unicast";
        Packet? original = _packet.IsReply ? null : _translations.Find(t => t.Namespace == space.Name)?.Before ?? _packet;
        var machine = new RuleMachine(space, input, output, TypeOf) { Original = original, Choice = _choice };
        RuleResult result = machine.Run(point, _packet, p => Undo(space, point, p));
        _choices = Math.Max(_choices, machine.Choices);
        _packet = result.Packet;
        _unknown.AddRange(result.Unknown);
        if (result.Dropped) return result;
        if (result.Translation is { } words)
        {
            _translations.Add(new Translation(space.Name, before, _packet, words));
            Add(space, "nftables", $"{words} ({result.By})", null);
        }
        else if (before.Source != _packet.Source || before.Destination != _packet.Destination)
        {
            Add(space, "nftables", before.Source != _packet.Source ? $"translated back: from {_packet.Source}" : $"translated back: to {_packet.Destination}", null);
        }

        return null;
    }

    /// <summary>What connection tracking does to an answer.</summary>
    private Packet Undo(NamespaceState space, NftHookPoint point, Packet packet)
    {
        foreach (Translation t in _translations)
        {
            if (t.Namespace != space.Name || packet.Source != t.After.Destination) continue;
            if (point is NftHookPoint.Prerouting or NftHookPoint.Output && packet.Destination == t.After.Source && t.After.Source != t.Before.Source) return packet with { Destination = t.Before.Source };
            if (point is NftHookPoint.Postrouting or NftHookPoint.Input && packet.Destination == t.Before.Source && t.After.Destination != t.Before.Destination) return packet with { Source = t.Before.Destination };
        }

        return packet;
    }

    private void Add(NamespaceState space, string where, string what, HopPoint? point, string? bridge = null)
        => _hops.Add(new Hop(PlaceOf(space, bridge), where, what, true) { Point = point, Source = _packet.Source, Destination = _packet.Destination });

    /// <param name="point">Where it is still seen, though it goes no further.</param>
    private Arrival? Fail(NamespaceState space, string where, string what, Cause cause, HopPoint? point = null, string? bridge = null)
    {
        _cause = cause;
        _hops.Add(new Hop(PlaceOf(space, bridge), where, what, false) { Point = point, Source = _packet.Source, Destination = _packet.Destination });
        return null;
    }
}
