using Twill.Fabric.HostPorts;
using Twill.Fabric.Model;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Fabric.Apply;

/// <summary>CHECK: is an attachment still as it was made? Reads, never writes.</summary>
/// <remarks>
/// Later members of a chain may have changed the pod's side: other MTU, other hardware address (then prevResult has it), more routes.
/// So the pod's MTU must only not exceed the host end's, and routes and addresses beyond those expected are nobody's business here.
/// </remarks>
public static class PodChecker
{
    /// <exception cref="FabricException">The first thing that differs: what, where, expected and found.</exception>
    public static void Check(RouteSocket host, NetworkSettings network, PodRequest request, PodExpectation expected)
    {
        Link outside = host.FindLink(request.Owner.AltName) ?? throw Drift($"{request.Owner} has no interface on this node: nothing carries the name {request.Owner.AltName}");
        Link bridge = CheckBridge(host, network, expected);
        if (outside.Master != bridge.Index) throw Drift($"{outside.Name} is not a port of bridge {network.Bridge.Name}: ip link set {outside.Name} master {network.Bridge.Name}");
        if (!outside.IsUp) throw Drift($"{outside.Name} is down: ip link set {outside.Name} up");
        if (expected.HostName is { } name && name != outside.Name) throw Drift($"the host end of {request.Owner} is {outside.Name}, prevResult says {name}");
        if (expected.HostMac is { } hostMac && hostMac != outside.Mac) throw Drift($"{outside.Name} has the hardware address {outside.Mac}, prevResult says {hostMac}");
        CheckReservations(network, outside, expected);
        CheckPort(host, network.Bridge, outside, expected);
        if (network.Masquerade && !Masquerade.IsThere(network, expected.Addresses)) throw Drift($"the masquerade rule of network {network.Name} is gone from table inet twill: the next ADD puts it back");
        if (request.Bandwidth is { } bandwidth) Shaping.Check(host, outside, bandwidth);
        if (request.HostPorts.Count > 0) CheckPorts(outside, request.HostPorts, expected.Addresses);

        using RouteSocket pod = RouteSocket.Open(request.Namespace);
        CheckPod(pod, request, expected, outside);
    }

    /// <summary>For an owner that holds only claims: that they are there.</summary>
    /// <exception cref="FabricException">A claim is missing.</exception>
    public static void CheckReserved(RouteSocket host, NetworkSettings network, Owner owner, IReadOnlyList<PodAddress> addresses)
    {
        Link outside = host.FindLink(owner.AltName) ?? throw Drift($"{owner} holds no address on this node: nothing carries the name {owner.AltName}");
        CheckReservations(network, outside, new PodExpectation { Addresses = addresses });
    }

    private static Link CheckBridge(RouteSocket host, NetworkSettings network, PodExpectation expected)
    {
        string name = network.Bridge.Name;
        Link bridge = host.FindLink(name) ?? throw Drift($"bridge {name} is gone: the next ADD makes it again, pods attached before need to be attached again");
        if (bridge.Kind != "bridge") throw Drift($"{name} is no longer a bridge but of kind {bridge.Kind}");
        if (!bridge.IsUp) throw Drift($"bridge {name} is down: ip link set {name} up");
        if (expected.BridgeMac is { } mac && mac != bridge.Mac) throw Drift($"bridge {name} has the hardware address {bridge.Mac}, prevResult says {mac}");
        if (!network.Bridge.IsGateway) return bridge;

        List<IpPrefix> present = host.Addresses(bridge.Index).ConvertAll(a => a.Address);
        foreach (PodAddress address in expected.Addresses)
        {
            if (address.Gateway is not { } gateway) continue;
            if (!present.Exists(p => p.Address == gateway)) throw Drift($"bridge {name} lost the gateway address {gateway}/{address.Address.Length}: ip addr add {gateway}/{address.Address.Length} dev {name}");
            string key = gateway.IsV6 ? "net/ipv6/conf/all/forwarding" : "net/ipv4/ip_forward";
            if (Sysctl.Read(key) == "0") throw Drift($"{key.Replace('/', '.')} is 0, so pods do not get beyond this node: sysctl -w {key.Replace('/', '.')}=1");
        }

        return bridge;
    }

    /// <summary>The bridge port's switches that the configuration asks for, and with them the one source it may send from.</summary>
    private static void CheckPort(RouteSocket host, BridgeSettings settings, Link outside, PodExpectation expected)
    {
        BridgePort port = outside.BridgePort ?? throw Drift($"{outside.Name} is no port of a bridge");
        if (settings.Hairpin && !port.Hairpin) throw Drift($"{outside.Name} lost hairpin mode: bridge link set dev {outside.Name} hairpin on");
        if (settings.PortIsolation && !port.Isolated) throw Drift($"{outside.Name} is no longer isolated from other pods: bridge link set dev {outside.Name} isolated on");
        if (!settings.MacSpoofCheck) return;
        if (!port.Locked || port.Learning) throw Drift($"{outside.Name} accepts any source address: bridge link set dev {outside.Name} learning off locked on");
        if (expected.PodMac is { } mac && !host.Fdb(outside.Index).Exists(e => e.Mac == mac)) throw Drift($"bridge {settings.Name} no longer knows that {mac} may send from {outside.Name}: bridge fdb replace {mac} dev {outside.Name} master static");
    }

    private static void CheckPorts(Link outside, IReadOnlyList<HostPort> ports, IReadOnlyList<PodAddress> addresses)
    {
        if (HostPortApply.Missing(outside, ports, addresses) is { } missing) throw Drift($"a port of the node no longer leads to {outside.Name}: {missing}: DEL and ADD put it back");
        if (outside.BridgePort is not { Hairpin: true }) throw Drift($"{outside.Name} lost hairpin mode, by which the pod reaches itself through its host port: bridge link set dev {outside.Name} hairpin on");
    }

    /// <summary>That the names which hold the pod's addresses are still on its host end.</summary>
    private static void CheckReservations(NetworkSettings network, Link outside, PodExpectation expected)
    {
        if (network.Pool is not { } pool) return;
        foreach (PodAddress address in expected.Addresses)
        {
            IpAddress ip = address.Address.Address;
            if (!pool.Sets.Any(s => s.RangeOf(ip) is not null)) continue;
            string claim = ClaimName.Of(network.Tag, ip);
            if (outside.Name != claim && !outside.AltNames.Contains(claim)) throw Drift($"{ip} is not reserved for {outside.Name}: it lacks the name {claim}");
        }
    }

    private static void CheckPod(RouteSocket pod, PodRequest request, PodExpectation expected, Link outside)
    {
        string ifName = request.Owner.IfName, where = request.Namespace.Name;
        Link inside = pod.FindLink(ifName) ?? throw Drift($"{ifName} is gone from {where}");
        if (inside.LinkedIndex != outside.Index || outside.LinkedIndex != inside.Index) throw Drift($"{ifName} in {where} is not the other end of {outside.Name}");
        if (expected.PodUp && !inside.IsUp) throw Drift($"{ifName} in {where} is down: ip -n {where} link set {ifName} up");
        if (expected.PodMac is { } mac && mac != inside.Mac) throw Drift($"{ifName} in {where} has the hardware address {inside.Mac}, prevResult says {mac}");
        if (inside.Mtu.Value > outside.Mtu.Value) throw Drift($"{ifName} in {where} has MTU {inside.Mtu}, its host end {outside.Name} {outside.Mtu}: larger packets are dropped");

        List<IpPrefix> present = pod.Addresses(inside.Index).ConvertAll(a => a.Address);
        foreach (PodAddress address in expected.Addresses)
        {
            if (!present.Contains(address.Address)) throw Drift($"{ifName} in {where} lost the address {address.Address}: it has {(present.Count == 0 ? "none" : string.Join(", ", present))}");
        }

        List<Route> routes = pod.Routes();
        foreach (PodRoute route in expected.Routes)
        {
            if (!routes.Exists(r => PodRoutes.Matches(r, route))) throw Drift($"{where} lost the route {(route.Destination.Length == 0 ? "default" : route.Destination)}{(route.Gateway is { } g ? $" via {g}" : "")}");
        }
    }

    private static FabricException Drift(string message) => new(FabricFault.Drift, message);
}
