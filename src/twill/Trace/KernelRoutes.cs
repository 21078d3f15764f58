using Twill.Lab.State;
using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Trace;

/// <summary>Asks the kernel of each namespace itself, so that rules and all tables count. Like: ip route get 10.244.2.2 from 10.244.1.2 iif v-net-0.</summary>
internal sealed class KernelRoutes : IRoutes, IDisposable
{
    private readonly Dictionary<string, RouteSocket?> _sockets = [];

    public void Dispose()
    {
        foreach (RouteSocket? socket in _sockets.Values) socket?.Dispose();
    }

    public RouteDecision Lookup(NamespaceState space, IpAddress destination, IpAddress? source, string? inputDevice)
    {
        if (SocketOf(space.Name) is not { } socket) return new RouteDecision(Errno.ENOENT);
        IfIndex? input = inputDevice is not null && space.Link(inputDevice) is { } link ? new IfIndex(link.Index) : null;

        // IPv4 refuses a source that is not ours without an interface it came in by; the pod's own choice is what is asked for then.
        var lookup = new RouteLookup { Destination = destination, Source = source, InputDev = input };
        NetlinkOutcome outcome = socket.Lookup(lookup, out Route? route);
        if (!outcome.Ok || route is null)
        {
            // A source that is refused and a blackhole are both EINVAL since 6.14; the first one is no matter of the destination alone.
            bool refused = outcome.Errno == Errno.EINVAL && input is not null && socket.Lookup(new RouteLookup { Destination = destination }, out _).Ok;
            return new RouteDecision(refused ? Errno.EXDEV : outcome.Ok ? Errno.ENETUNREACH : outcome.Errno);
        }

        if (route.Type is RouteType.Unreachable or RouteType.Blackhole or RouteType.Prohibit) return new RouteDecision(Errno.EHOSTUNREACH) { Type = route.Type, Prefix = route.Destination };
        socket.Lookup(lookup with { FibMatch = true }, out Route? entry);
        return new RouteDecision(Errno.None)
        {
            Type = route.Type,
            Gateway = route.Gateway,
            Device = route.Dev is { } dev ? space.Links.FirstOrDefault(l => l.Index == dev.Value)?.Name : null,
            Prefix = entry?.Destination,
            Source = route.PreferredSource,
            Mtu = entry?.Mtu?.Value, // what was learned of the path is not looked at: neither by forwarding, nor by the packets that are sent
            Protocol = entry?.Protocol ?? route.Protocol,
        };
    }

    private RouteSocket? SocketOf(string name)
    {
        if (_sockets.TryGetValue(name, out RouteSocket? known)) return known;
        using NetworkNamespace? network = NetworkNamespace.TryOpen(NetworkNamespace.NamedPath(name), out _);
        return _sockets[name] = network is null ? null : RouteSocket.Open(network);
    }
}
