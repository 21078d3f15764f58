using Twill.Fabric.Backends;
using Twill.Fabric.Model;
using Twill.Lab.State;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Trace;

/// <summary>A packet inside another one, between two nodes.</summary>
/// <remarks>The order is the kernel's: vxlan_xmit, a route for the outer packet, its output rules; at the other end its input rules, then vxlan_rcv.</remarks>
internal sealed partial class Walk
{
    /// <summary>What is inside, and the hardware address it is for; null: the packet is in no tunnel.</summary>
    private (Packet Packet, MacAddress Mac)? _inner;

    private Arrival? Encapsulate(NamespaceState space, LinkState link, MacAddress mac)
    {
        if (space.Tunnels.FirstOrDefault(t => t.Device == link.Name && t.Mac == mac) is not { } entry)
            return Fail(space, link.Name, $"the tunnel does not know where {mac} is", new Cause(CauseKind.WrongNeighbour, space.Name, $"{space.Name}'s tunnel {link.Name} has no forwarding entry for {mac}"));
        if (_inner is not null) return Fail(space, link.Name, "a tunnel inside a tunnel", new Cause(CauseKind.Loop, space.Name, $"{space.Name} sends packets of its tunnel into its tunnel: the route to {_packet.Destination} leads there"));
        _inner = (_packet, mac);
        _packet = new Packet
        {
            Source = default(IpAddress),
            Destination = entry.Remote,
            Kind = TraceProtocol.Udp,
            DestinationPort = VxlanSettings.DefaultPort,
            Length = _packet.Length + Overlay.OverheadOf(entry.Remote.IsV6),
            Token = _packet.Token,
        };
        RouteDecision way = Decide(space, null, null);
        if (way.Error != Errno.None) return NoWay(space, way);
        if (way.Source is not { } source) return Fail(space, link.Name, "no address to send from", new Cause(CauseKind.NoAddress, space.Name, $"{space.Name} has no address to reach {entry.Remote} from"));
        _packet = _packet with { Source = source };
        Add(space, link.Name, $"VXLAN: into a packet {source} to {entry.Remote}, {_packet.Length} bytes", null);
        if (Rules(space, NftHookPoint.Output, null, way.Device) is { } dropped) return Refuse(space, NftHookPoint.Output, dropped);
        return Leave(space, way, way.Text);
    }

    private Arrival? Decapsulate(NamespaceState space)
    {
        (Packet inner, MacAddress mac) = _inner!.Value;
        LinkState? tunnel = space.Links.FirstOrDefault(l => l.Kind == "vxlan");
        if (tunnel is null) return Fail(space, "socket", "nobody takes tunnel packets", new Cause(CauseKind.NoCable, space.Name, $"{space.Name} has no tunnel: `twill lab fix`"));
        if (!tunnel.Up) return Fail(space, tunnel.Name, "is down", IsDown(space, tunnel));
        _inner = null;
        _packet = inner;
        if (tunnel.Mac != mac) return Fail(space, tunnel.Name, $"{mac} is not its MAC", NotMine(space, tunnel, mac));
        Add(space, tunnel.Name, "out of the tunnel, its MAC", new HopPoint(space.Name, tunnel.Name, false));
        return new Arrival(space, tunnel.Name);
    }
}
