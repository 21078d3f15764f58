using System.Globalization;
using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Plan;

/// <summary>What one pod's attachment shall be, decided without asking the kernel anything.</summary>
/// <remarks>Prints itself as the commands an administrator would type (<see cref="ToLines"/>).</remarks>
public sealed record PodPlan
{
    public required NetworkSettings Network { get; init; }

    public required PodRequest Request { get; init; }

    public required string HostName { get; init; }

    public required MacAddress PodMac { get; init; }

    public required IReadOnlyList<PodAddress> Addresses { get; init; }

    /// <summary>Every gateway filled in, the default routes among them.</summary>
    public required IReadOnlyList<PodRoute> Routes { get; init; }

    /// <summary>Bytes, both ends.</summary>
    public required int Mtu { get; init; }

    public Owner Owner => Request.Owner;

    public string Alias => Identity.Of(Network.Name, Owner, Request.PodName, Addresses, Request.Bandwidth is { EgressRate: > 0 });

    /// <exception cref="FabricException">A route without any gateway to take.</exception>
    public static PodPlan For(NetworkSettings network, PodRequest request, IReadOnlyList<PodAddress> addresses, int mtu) => new()
    {
        Network = network,
        Request = request,
        HostName = HostNameOf(network, request.Owner, addresses),
        PodMac = PodMacOf(request, addresses),
        Addresses = addresses,
        Routes = RoutesOf(network, addresses),
        Mtu = mtu,
    };

    /// <summary>The host end's name: the claim of the pod's first IPv4 address, or without one the owner's.</summary>
    /// <remarks>Addresses that another IPAM plugin gave are in its books, not ours: they claim nothing.</remarks>
    public static string HostNameOf(NetworkSettings network, Owner owner, IReadOnlyList<PodAddress> addresses)
    {
        for (int i = 0; network.Pool is not null && i < addresses.Count; i++)
        {
            if (!addresses[i].Address.IsV6) return ClaimName.Of(network.Tag, addresses[i].Address.Address);
        }

        return ClaimName.OfOwner(network.Tag, owner);
    }

    /// <summary>The hardware address wished for, or one made of the first address, so that neighbours of a reused address stay right.</summary>
    public static MacAddress PodMacOf(PodRequest request, IReadOnlyList<PodAddress> addresses)
    {
        if (request.Mac is { } mac) return mac;
        if (addresses.Count == 0) return new MacAddress(0x0a5800000000 | (Hash64.Of(request.Owner.Key, seed: 0x70a) & 0xffffffff));
        return MacOf(addresses[0].Address.Address);
    }

    /// <summary>0a:58 and the IPv4 address's four octets; of an IPv6 address 32 bits of its hash.</summary>
    public static MacAddress MacOf(IpAddress address)
        => new(0x0a5800000000 | (address.IsV6 ? Hash64.Of(address.Value.ToString("x32", CultureInfo.InvariantCulture)) & 0xffffffff : (uint)address.Value));

    /// <summary>The commands that make this attachment by hand; NETNS stands for the pod's namespace.</summary>
    public IEnumerable<string> ToLines()
    {
        string pod = Request.Namespace.Name, ifName = Owner.IfName;
        yield return $"ip link add {HostName} mtu {Mtu} address {Owner.HostMac} type veth peer name {ifName} netns {pod} address {PodMac} mtu {Mtu}";
        yield return $"ip link set {HostName} master {Network.Bridge.Name} up";
        yield return $"ip link set {HostName} alias \"{Alias}\"";
        if (Network.Bridge.Hairpin) yield return $"bridge link set dev {HostName} hairpin on";
        if (Network.Bridge.PortIsolation) yield return $"bridge link set dev {HostName} isolated on";
        if (Network.Bridge.MacSpoofCheck)
        {
            yield return $"bridge link set dev {HostName} learning off locked on";
            yield return $"bridge fdb replace {PodMac} dev {HostName} master static";
        }

        yield return $"ip -n {pod} link set lo up";
        foreach (PodAddress address in Addresses) yield return $"ip -n {pod} addr add {address.Address} dev {ifName}{(address.Address.IsV6 && !Network.Bridge.DuplicateAddressDetection ? " nodad" : "")}";
        if (Network.PodInterfaceUp) yield return $"ip -n {pod} link set {ifName} up";
        foreach (PodRoute route in Routes)
        {
            yield return $"ip -n {pod} route add {(route.Destination.Length == 0 ? "default" : route.Destination.ToString())}{(route.Gateway is { } g ? $" via {g}" : "")} dev {ifName}";
        }

        yield return $"ip link property add dev {HostName} altname {Owner.AltName}";
    }

    private static List<PodRoute> RoutesOf(NetworkSettings network, IReadOnlyList<PodAddress> addresses)
    {
        var routes = new List<PodRoute>(network.Routes.Count + 2);
        foreach (PodRoute route in network.Routes) routes.Add(route.Gateway is null ? route with { Gateway = GatewayFor(route.Destination.IsV6, addresses) } : route);
        if (!network.IsDefaultGateway) return routes;
        for (int family = 0; family < 2; family++)
        {
            bool v6 = family == 1;
            if (GatewayFor(v6, addresses) is not { } gateway || routes.Exists(r => r.Destination.IsV6 == v6 && r.Destination.Length == 0)) continue;
            routes.Add(new PodRoute(new IpPrefix(new IpAddress(0, v6), 0), gateway));
        }

        return routes;
    }

    private static IpAddress? GatewayFor(bool v6, IReadOnlyList<PodAddress> addresses)
    {
        foreach (PodAddress address in addresses)
        {
            if (address.Address.IsV6 == v6 && address.Gateway is { } gateway) return gateway;
        }

        return null;
    }
}
