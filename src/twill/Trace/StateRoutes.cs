using Twill.Lab.State;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Trace;

/// <summary>Answers from the tables that were read: the longest prefix, then the smallest metric. Rules, other tables and rp_filter are not known to it.</summary>
internal sealed class StateRoutes : IRoutes
{
    public RouteDecision Lookup(NamespaceState space, IpAddress destination, IpAddress? source, string? inputDevice)
    {
        if (space.Has(destination)) return new RouteDecision(Errno.None) { Type = RouteType.Local, Device = "lo", Source = destination };
        RouteState? best = space.Routes.Concat(Connected(space))
            .Where(r => r.Destination.Contains(destination) && (r.Device is null || space.Link(r.Device) is { Up: true }))
            .OrderByDescending(r => r.Destination.Length).ThenBy(r => r.Metric).FirstOrDefault();
        if (best is null) return new RouteDecision(Errno.ENETUNREACH);
        if (best.Type != RouteType.Unicast) return new RouteDecision(Errno.EHOSTUNREACH) { Type = best.Type, Prefix = best.Destination };
        return new RouteDecision(Errno.None)
        {
            Gateway = best.Via,
            Device = best.Device,
            Prefix = best.Destination,
            Source = best.Source ?? SourceOn(space, best.Device!, best.Via ?? destination),
            Protocol = best.Protocol,
        };
    }

    /// <summary>Those that the kernel makes of addresses; a network that should be does not list them.</summary>
    private static IEnumerable<RouteState> Connected(NamespaceState space)
        => space.Addresses.Where(a => a.Address.Length < a.Address.Address.Bits).Select(a => new RouteState(a.Address.Network, null, a.Device, RouteProtocol.Kernel));

    /// <summary>As the kernel chooses for a route without one: an address of the device, best of the next hop's subnet.</summary>
    private static IpAddress? SourceOn(NamespaceState space, string device, IpAddress nextHop)
    {
        IpPrefix[] own = [.. space.AddressesOf(device).Where(a => a.IsV6 == nextHop.IsV6)];
        return own.Length == 0 ? null : own.FirstOrDefault(a => a.Contains(nextHop), own[0]).Address;
    }
}
