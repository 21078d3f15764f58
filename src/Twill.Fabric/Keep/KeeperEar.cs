using System.Text;
using Twill.Fabric.LoadBalancers;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Uapi;

namespace Twill.Fabric.Keep;

/// <summary>Hears all changes of the namespace and tells those that concern the plan from the thousands that do not.</summary>
/// <remarks>Our own writes bear our socket's port and are skipped, except of links and forwarding entries, which the kernel tells without a port.</remarks>
internal sealed class KeeperEar(Blame blame)
{
    private const byte AF_BRIDGE = 7;

    private readonly HashSet<IpPrefix> _destinations = [];
    private NodePlan? _plan;
    private string? _bridge, _hostEnds;
    private Link? _bridgeSeen, _bridgeLost;

    /// <summary>Something that the plan is about may be different now.</summary>
    internal bool Changed { get; set; }

    /// <summary>The bridge may be gone, or may have lost ports.</summary>
    internal bool BridgeChanged { get; set; }

    /// <summary>A pod with ports of the node has gone.</summary>
    internal bool PortsChanged { get; set; }

    /// <summary>The port of the socket that writes.</summary>
    internal uint OwnPort { get; set; }

    /// <summary>As they were at the last look; a link that is gone or new is known by its name.</summary>
    internal int Device { get; set; }

    /// <inheritdoc cref="Device"/>
    internal int Tunnel { get; set; }

    /// <inheritdoc cref="Device"/>
    internal int Bridge { get; set; }

    /// <summary>The bridge that had another index, as the last notification of it told, its removal included.</summary>
    internal Link? BridgeBefore(IfIndex index) => _bridgeSeen?.Index != index ? _bridgeSeen : _bridgeLost;

    internal void Follow(NodePlan? plan)
    {
        _plan = plan;
        _destinations.Clear();
        foreach (NodeRoute route in plan?.Routes ?? []) _destinations.Add(route.Destination);
    }

    internal void Follow(NetworkSettings? pods)
    {
        _bridge = pods?.Bridge.Name;
        _hostEnds = pods is null ? null : $"{ClaimName.Prefix}{pods.Tag}";
    }

    internal Reader NewReader() => new(this);

    private void OnRoute(in NetlinkMessage message)
    {
        if (message.Port == OwnPort || !RouteView.IsIp(message)) return;
        var route = new RouteView(message);
        if (route.Table != RouteTable.Main || (route.Protocol != ClusterPlan.TwillRouteProtocol && !_destinations.Contains(route.Destination))) return;
        blame.Note($"route {route.Destination}", message.Port);
        Changed = true;
    }

    private void OnNeighbour(in NetlinkMessage message)
    {
        if (message.Port == OwnPort) return;
        var neighbour = new NeighbourView(message);
        if (neighbour.Dev.Value != Tunnel) return;
        blame.Note(neighbour.IsFdb ? $"forwarding entry {neighbour.Mac} dev {_plan?.VxlanName}" : $"neighbour {neighbour.Address} dev {_plan?.VxlanName}", message.Port);
        Changed = true;
    }

    private void OnAddress(in NetlinkMessage message)
    {
        if (message.Port == OwnPort) return;
        var address = new AddressView(message);
        if (address.Protocol == Announcer.Mark) return; // put up again five times a second
        int dev = address.Dev.Value;
        if (dev == Bridge) BridgeChanged = true;
        if (dev != Tunnel && dev != Device && _plan is not null) return;
        if (_plan is not null) blame.Note($"address {address.Address} dev {(dev == Tunnel ? _plan.VxlanName : _plan.Device)}", message.Port);
        Changed = true;
    }

    private void OnLink(in NetlinkMessage message)
    {
        if (message.Payload.Length == 0 || message.Payload[0] == AF_BRIDGE) return;
        var link = new LinkView(message);
        int index = link.Index.Value;
        if (index == Tunnel || index == Device || _plan is null || Is(link.Name, _plan.VxlanName) || Is(link.Name, _plan.Device)) Changed = true;
        if (_bridge is null) return;
        if (index == Bridge || Is(link.Name, _bridge))
        {
            BridgeChanged = true;
            if (_bridgeSeen is { } seen && seen.Index != link.Index) _bridgeLost = seen;
            _bridgeSeen = link.ToLink();
        }
        else if (message.Type == RtnetlinkUapi.RTM_NEWLINK && link.Master is null && IsHostEnd(link.Name)) BridgeChanged = true;
        else if (message.Type == RtnetlinkUapi.RTM_DELLINK && IsHostEnd(link.Name)) PortsChanged |= Identity.SaysPorts(Encoding.UTF8.GetString(link.Alias));
    }

    /// <summary>Settings of all interfaces, of those to come, and of our tunnel; each pod's interface brings some of its own.</summary>
    private void OnSetting(in NetlinkMessage message)
    {
        AttributeReader attributes = message.Attributes<RtGenMsg>();
        while (attributes.Next())
        {
            if (attributes.Type == NetconfUapi.NETCONFA_IFINDEX) Changed |= attributes.I32() is NetconfUapi.NETCONFA_IFINDEX_ALL or NetconfUapi.NETCONFA_IFINDEX_DEFAULT || attributes.I32() == Tunnel;
        }
    }

    private bool IsHostEnd(ReadOnlySpan<byte> name) => name.Length == LinkKey.MaxNameBytes && Is(name[.._hostEnds!.Length], _hostEnds);

    private static bool Is(ReadOnlySpan<byte> utf8, string text) => utf8.Length == Encoding.UTF8.GetByteCount(text) && Encoding.UTF8.GetString(utf8) == text;

    /// <summary>Takes a monitor's messages.</summary>
    internal readonly struct Reader(KeeperEar ear) : INetlinkReader
    {
        public void Restart()
        {
        }

        public void Read(in NetlinkMessage message)
        {
            switch (message.Type)
            {
                case RtnetlinkUapi.RTM_NEWROUTE or RtnetlinkUapi.RTM_DELROUTE: ear.OnRoute(message); break;
                case RtnetlinkUapi.RTM_NEWNEIGH or RtnetlinkUapi.RTM_DELNEIGH: ear.OnNeighbour(message); break;
                case RtnetlinkUapi.RTM_NEWADDR or RtnetlinkUapi.RTM_DELADDR: ear.OnAddress(message); break;
                case RtnetlinkUapi.RTM_NEWLINK or RtnetlinkUapi.RTM_DELLINK: ear.OnLink(message); break;
                case RtnetlinkUapi.RTM_NEWNETCONF: ear.OnSetting(message); break;
                default: break;
            }
        }
    }
}
