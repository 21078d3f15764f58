using Twill.Linux.Route;

namespace Twill.Fabric.Apply;

/// <summary>The interface by which this node reaches the rest of the world.</summary>
internal static class Underlay
{
    /// <summary>Its MTU in bytes; 1500 where there is no default route.</summary>
    internal static int Mtu(RouteSocket host)
    {
        foreach (IpAddress anywhere in (ReadOnlySpan<IpAddress>)[IpAddress.V4(0x08080808), new IpAddress((UInt128)0x2001486048600000 << 64, true)])
        {
            if (host.Lookup(new RouteLookup { Destination = anywhere }, out Route? route).Ok && route?.Dev is { } dev && host.TryGetLink(dev, out Link? link) && (link.Flags & LinkFlags.Loopback) == 0) return link.Mtu.Value;
        }

        return Linux.Route.Mtu.Ethernet.Value;
    }
}
