using Twill.Linux.Netlink;
using Twill.Linux.Tc;

namespace Twill.Linux.Route;

/// <summary>Takes what a <see cref="NetlinkMonitor"/> hears. Implement it in a struct, and only what is listened to: the rest does nothing.</summary>
/// <remarks>A view is valid only during the call. A removal carries the object as it was. A method left out costs an allocation per message: listen only to what is taken.</remarks>
public interface IRouteEvents
{
    void OnLink(in LinkView link, bool removed)
    {
    }

    void OnAddress(in AddressView address, bool removed)
    {
    }

    void OnRoute(in RouteView route, bool removed)
    {
    }

    /// <summary>Neighbours and forwarding entries.</summary>
    void OnNeighbour(in NeighbourView neighbour, bool removed)
    {
    }

    void OnRule(in RuleView rule, bool removed)
    {
    }

    void OnQdisc(in QdiscView qdisc, bool removed)
    {
    }
}
