using Twill.Fabric.LoadBalancers;
using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Apply;

/// <summary>Finds the interface by which this node reaches the others, and says why that one.</summary>
public static class UnderlayChoice
{
    private static readonly IpAddress s_anywhereV4 = IpAddress.V4(0x08080808), s_anywhereV6 = new((UInt128)0x2001486048600000 << 64, true);

    /// <param name="host">A socket of the node's namespace.</param>
    /// <param name="self">The node as its source tells it.</param>
    /// <param name="device">What the configuration names; null: chosen.</param>
    /// <exception cref="FabricException">The configured interface is missing, or no interface can be chosen.</exception>
    public static Underlay Choose(RouteSocket host, ClusterNode self, string? device = null)
    {
        List<IfAddress> addresses = host.Addresses();
        if (device is not null)
        {
            return host.TryGetLink(device, out Link? named)
                ? Of(named, addresses, "the configuration names it")
                : throw new FabricException(FabricFault.Configuration, $"node {self.Name} has no interface {device}: name the one on the nodes' common link (`ip link` lists them)");
        }

        foreach (IpPrefix own in self.Addresses)
        {
            if (addresses.Find(a => a.Address.Address == own.Address) is { } found && host.TryGetLink(found.Dev, out Link? holder) && (holder.Flags & LinkFlags.Loopback) == 0)
                return Of(holder, addresses, $"it has {own.Address}, by which the other nodes know this one");
        }

        if (DefaultLink(host) is { } way) return Of(way, addresses, "the default route leaves by it");
        throw new FabricException(FabricFault.Configuration, $"node {self.Name}: no interface has {(self.Addresses.Count == 0 ? "a node address" : Underlay.TextOf(self.Addresses, " or "))}, and there is no default route: name the interface, or give it the address");
    }

    /// <summary>MTU in bytes of the interface by which the default route leaves; 1500 where there is none.</summary>
    internal static int DefaultMtu(RouteSocket host) => DefaultLink(host)?.Mtu.Value ?? Mtu.Ethernet.Value;

    private static Link? DefaultLink(RouteSocket host)
    {
        foreach (IpAddress anywhere in (ReadOnlySpan<IpAddress>)[s_anywhereV4, s_anywhereV6])
        {
            if (host.Lookup(new RouteLookup { Destination = anywhere }, out Route? route).Ok && route?.Dev is { } dev && host.TryGetLink(dev, out Link? link) && (link.Flags & LinkFlags.Loopback) == 0) return link;
        }

        return null;
    }

    private static Underlay Of(Link link, List<IfAddress> addresses, string why) => new()
    {
        Device = link.Name,
        Addresses = addresses.FindAll(a => a.Dev == link.Index && a.Scope != RouteScope.Link && a.Protocol != Announcer.Mark).ConvertAll(a => a.Address),
        Mtu = link.Mtu.Value,
        GsoMaxSize = link.GsoMaxSize,
        Why = why,
    };
}
