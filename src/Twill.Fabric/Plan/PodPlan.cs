using System.Globalization;
using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Plan;

/// <summary>What one pod's attachment shall be, decided without asking the kernel anything.</summary>
/// <remarks>Prints itself as the commands an administrator would type (<see cref="ToLines"/>).</remarks>
public sealed record PodPlan
{
    public required NetworkSettings Network { get; init; }

    public required PodDescription Request { get; init; }

    public required string HostName { get; init; }

    public required MacAddress PodMac { get; init; }

    public required IReadOnlyList<PodAddress> Addresses { get; init; }

    /// <summary>Every gateway filled in, the default routes among them.</summary>
    public required IReadOnlyList<PodRoute> Routes { get; init; }

    /// <summary>Bytes, both ends.</summary>
    public required int Mtu { get; init; }

    public Owner Owner => Request.Owner;

    public string Alias => Identity.Of(Network.Name, Owner, Request.PodName, Addresses, Request.Bandwidth is { EgressRate: > 0 }, HasPorts);

    /// <summary>Ports of the node lead here.</summary>
    public bool HasPorts => Request.HostPorts.Count > 0;

    /// <summary>The bridge may send back to the pod what came from it: as configured, and where it reaches itself through a port of the node.</summary>
    public bool Hairpin => Network.Bridge.Hairpin || HasPorts;

    /// <exception cref="FabricException">A route without any gateway to take.</exception>
    public static PodPlan For(NetworkSettings network, PodDescription request, IReadOnlyList<PodAddress> addresses, int mtu) => new()
    {
        Network = network,
        Request = request,
        HostName = HostNameOf(network, request.Owner, addresses),
        PodMac = PodMacOf(network, request, addresses),
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

    /// <summary>The hardware address wished for, or one made of the address that the pair is born with, so that neighbours of a reused address stay right.</summary>
    /// <remarks>A pair without an IPv4 address of ours is born before its addresses are chosen: there it is made of the owner.</remarks>
    public static MacAddress PodMacOf(NetworkSettings network, PodDescription request, IReadOnlyList<PodAddress> addresses)
    {
        if (request.Mac is { } mac) return mac;
        foreach (PodAddress address in addresses)
        {
            if (network.Pool is null || !address.Address.IsV6) return MacOf(address.Address.Address);
        }

        return new MacAddress(0x0a5800000000 | (Hash64.Of(request.Owner.Key, seed: 0x70a) & 0xffffffff));
    }

    /// <summary>0a:58 and the IPv4 address's four octets; of an IPv6 address 32 bits of its hash.</summary>
    public static MacAddress MacOf(IpAddress address)
        => new(0x0a5800000000 | (address.IsV6 ? Hash64.Of(address.Value.ToString("x32", CultureInfo.InvariantCulture)) & 0xffffffff : (uint)address.Value));

    /// <summary>Of the host end, in the order in which they are given: the claims of further addresses, and last of all the owner.</summary>
    public IEnumerable<string> AltNames
    {
        get
        {
            if (Network.Pool is not null)
            {
                foreach (PodAddress address in Addresses)
                {
                    string claim = ClaimName.Of(Network.Tag, address.Address.Address);
                    if (claim != HostName) yield return claim;
                }
            }

            yield return Owner.AltName;
        }
    }

    /// <summary>What the next search for an address starts behind: the first of IPv4, or without one the first. Null where the addresses are not ours to give.</summary>
    public IpAddress? LastAddress
    {
        get
        {
            if (Network.Pool is null || Addresses.Count == 0) return null;
            foreach (PodAddress address in Addresses)
            {
                if (!address.Address.IsV6) return address.Address.Address;
            }

            return Addresses[0].Address.Address;
        }
    }

    /// <summary>The commands that make this attachment by hand, on a bridge that is there.</summary>
    /// <param name="pod">The pod's namespace, by the name `ip netns` knows.</param>
    /// <param name="node">The named namespace that is the node; null: here.</param>
    public IEnumerable<string> ToLines(string pod, string? node = null)
    {
        string ifName = Owner.IfName, ip = node is null ? "ip" : $"ip -n {node}", bridge = node is null ? "bridge" : $"bridge -n {node}";
        string gso = GsoWords(Network.Bridge);
        yield return $"{ip} link add {HostName} address {Owner.HostMac} mtu {Mtu}{gso} type veth peer name {ifName} netns {pod} address {PodMac} mtu {Mtu}{gso}";
        yield return $"{ip} link set {HostName} addrgenmode none alias \"{Alias}\"";
        yield return $"{ip} link set {HostName} master {Network.Bridge.Name} up";
        if (gso.Length > 0) yield return $"{ip} link set {Network.Bridge.Name}{gso}";
        if (Hairpin) yield return $"{bridge} link set dev {HostName} hairpin on";
        if (Network.Bridge.PortIsolation) yield return $"{bridge} link set dev {HostName} isolated on";
        if (Network.Bridge.MacSpoofCheck)
        {
            yield return $"{bridge} link set dev {HostName} learning off locked on";
            yield return $"{bridge} fdb replace {PodMac} dev {HostName} master static";
        }

        yield return $"ip -n {pod} link set lo up";
        foreach (PodAddress address in Addresses) yield return $"ip -n {pod} addr add {address.Address} {Qualify(address.Address)}dev {ifName}";
        if (Network.PodInterfaceUp) yield return $"ip -n {pod} link set {ifName} up";
        foreach (PodRoute route in Routes)
        {
            string family = route.Destination.IsV6 && route.Destination.Length == 0 ? " -6" : "";
            yield return $"ip -n {pod}{family} route add {(route.Destination.Length == 0 ? "default" : route.Destination.ToString())}{(route.Gateway is { } g ? $" via {g}" : "")} dev {ifName}";
        }

        if (LastAddress is { } last) yield return $"{ip} link set {Network.Bridge.Name} alias \"{BridgePlan.AliasAfter(last)}\"";
        foreach (string name in AltNames) yield return $"{ip} link property add dev {HostName} altname {name}";
    }

    private static string GsoWords(BridgeSettings bridge) => bridge.GsoMaxSize is { } gso ? $" gso_max_size {Math.Min(gso, Segments.UsualMax)} gso_ipv4_max_size {gso}" : "";

    private string Qualify(IpPrefix address) => !address.IsV6 ? address.Length > 30 ? "" : "brd + " : Network.Bridge.DuplicateAddressDetection ? "" : "nodad ";

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
