using Twill.Linux.Netlink;
using Twill.Linux.Sys;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

public sealed partial class RouteSocket
{
    /// <summary>Adds a route.</summary>
    /// <returns>False: one with the same prefix, table and metric is there.</returns>
    /// <exception cref="NetlinkException">ENETUNREACH: the gateway is not on a link that is up. ENODEV: no such device. ENETDOWN: the device is down. EINVAL: host bits in the prefix.</exception>
    /// <remarks>Like: ip route add 10.244.2.0/24 via 192.168.1.12 dev eth0.</remarks>
    public bool TryAddRoute(in RouteSpec route)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        RouteRequests.Add(batch, route);
        return Try(batch, "add route", route, Errno.EEXIST);
    }

    /// <summary>Adds the route, or replaces the one with the same prefix, table and metric.</summary>
    /// <inheritdoc cref="TryAddRoute" path="/exception"/>
    /// <remarks>Like: ip route replace 10.244.2.0/24 via 192.168.1.12 dev eth0. Idempotent; one request, one ack.</remarks>
    public void ReplaceRoute(in RouteSpec route)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        RouteRequests.Replace(batch, route);
        Send(batch, "replace route", route);
    }

    /// <summary>Removes one route that has all that the pattern says. Like: ip route del 10.244.2.0/24.</summary>
    /// <returns>Whether there was one; false too where its device has gone.</returns>
    public bool RemoveRoute(in RouteSpec pattern)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        RouteRequests.Remove(batch, pattern);
        return Try(batch, "remove route", pattern, Errno.ESRCH, Errno.ENODEV);
    }

    /// <summary>Routes of both families. Like: ip route show table all.</summary>
    /// <returns>Empty where the filter names a table that does not exist.</returns>
    /// <exception cref="NetlinkException">ENODEV: no link has the filter's index. EINTR: the table changed during every attempt.</exception>
    public List<Route> Routes(RouteFilter filter = default)
    {
        var reader = new ListReader<Route>(RtnetlinkUapi.RTM_NEWROUTE, static (in NetlinkMessage m) => RouteView.IsIp(m) ? new RouteView(m).ToRoute() : null!);
        NetlinkOutcome outcome = DumpRoutes(filter, ref reader);
        if (outcome.Ok) return reader.Items;
        return outcome.Errno == Errno.ENOENT && filter.Table is not null ? [] : throw Failure("list", "routes", outcome);
    }

    /// <summary>Hands every route to a reader, without allocating. Look at <see cref="RouteView.IsIp(in NetlinkMessage)"/> first.</summary>
    /// <returns>Success; EINTR: never act on what was read; ENOENT: there is no such table.</returns>
    public NetlinkOutcome DumpRoutes<T>(RouteFilter filter, ref T reader)
        where T : INetlinkReader
    {
        NetlinkBatch batch = Netlink.NewBatch();
        RouteRequests.Dump(batch, filter);
        return Netlink.Dump(batch, ref reader);
    }

    /// <summary>Which way a packet would take. Like: ip route get 10.244.2.7.</summary>
    /// <returns>Success with the route; else why there is none: ENETUNREACH no route or an unreachable one, EINVAL a blackhole, EACCES a prohibition.</returns>
    public NetlinkOutcome Lookup(in RouteLookup lookup, out Route? route)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        RouteRequests.Lookup(batch, lookup);
        var reader = new ListReader<Route>(RtnetlinkUapi.RTM_NEWROUTE, static (in NetlinkMessage m) => new RouteView(m).ToRoute());
        NetlinkOutcome outcome = Netlink.Query(batch, ref reader);
        route = outcome.Ok && reader.Items.Count > 0 ? reader.Items[0] : null;
        return outcome;
    }
}
