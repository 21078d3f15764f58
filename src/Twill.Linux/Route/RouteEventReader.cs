using Twill.Linux.Netlink;
using Twill.Linux.Tc;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>Turns notifications into typed views: the reader for <see cref="NetlinkMonitor.Wait"/>. Messages of other types are skipped.</summary>
public struct RouteEventReader<T>(T events) : INetlinkReader
    where T : IRouteEvents
{
    private const byte AF_BRIDGE = 7;

    /// <summary>The receiver, in place: a struct keeps what it counted.</summary>
    public T Events = events;

    public readonly void Restart()
    {
    }

    public void Read(in NetlinkMessage message)
    {
        switch (message.Type)
        {
            case RtnetlinkUapi.RTM_NEWLINK or RtnetlinkUapi.RTM_DELLINK:
                // AF_BRIDGE tells of the link as a port: its removal is not the link's.
                if (message.Payload.Length > 0 && message.Payload[0] == AF_BRIDGE) return;
                Events.OnLink(new LinkView(message), message.Type == RtnetlinkUapi.RTM_DELLINK);
                return;
            case RtnetlinkUapi.RTM_NEWADDR or RtnetlinkUapi.RTM_DELADDR:
                Events.OnAddress(new AddressView(message), message.Type == RtnetlinkUapi.RTM_DELADDR);
                return;
            case RtnetlinkUapi.RTM_NEWROUTE or RtnetlinkUapi.RTM_DELROUTE:
                if (RouteView.IsIp(message)) Events.OnRoute(new RouteView(message), message.Type == RtnetlinkUapi.RTM_DELROUTE);
                return;
            case RtnetlinkUapi.RTM_NEWNEIGH or RtnetlinkUapi.RTM_DELNEIGH:
                Events.OnNeighbour(new NeighbourView(message), message.Type == RtnetlinkUapi.RTM_DELNEIGH);
                return;
            case RtnetlinkUapi.RTM_NEWRULE or RtnetlinkUapi.RTM_DELRULE:
                Events.OnRule(new RuleView(message), message.Type == RtnetlinkUapi.RTM_DELRULE);
                return;
            case RtnetlinkUapi.RTM_NEWQDISC or RtnetlinkUapi.RTM_DELQDISC:
                Events.OnQdisc(new QdiscView(message), message.Type == RtnetlinkUapi.RTM_DELQDISC);
                return;
            default:
                return;
        }
    }
}
