using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Lab.State;

/// <param name="Index">Of its namespace; 0 in a network that should be.</param>
/// <param name="Kind">"veth", "bridge", "vxlan", "loopback"; empty for anything else without a kind.</param>
/// <param name="Mtu">Bytes.</param>
/// <param name="Up">Administratively.</param>
/// <param name="Carrier">Up, and so is what is at the other end.</param>
/// <param name="Master">The bridge it is a port of; null: none.</param>
/// <param name="PeerNamespace">The lab's name of the namespace at the other end of the cable; null: no cable, or not in this lab.</param>
/// <param name="Peer">The interface at the other end.</param>
internal sealed record LinkState(int Index, string Name, string Kind, MacAddress? Mac, int Mtu, bool Up, bool Carrier, string? Master = null, string? PeerNamespace = null, string? Peer = null)
{
    internal string Alias { get; init; } = "";

    internal IReadOnlyList<string> AltNames { get; init; } = [];

    /// <summary>Of a bridge: it hands its packets to the inet hooks of nftables.</summary>
    internal bool CallsNftables { get; init; }

    /// <summary>Null where it is no bridge port.</summary>
    internal BridgePort? Port { get; init; }
}

internal sealed record AddressState(string Device, IpPrefix Address);

/// <param name="Device">Null where the route has none (blackhole and the like).</param>
/// <param name="Source">The address preferred as source; null: the kernel chooses.</param>
internal sealed record RouteState(IpPrefix Destination, IpAddress? Via, string? Device, RouteProtocol Protocol, uint Metric = 0, IpAddress? Source = null, RouteType Type = RouteType.Unicast)
{
    /// <summary>As ip-route(8) takes it.</summary>
    public override string ToString() => $"{(Type == RouteType.Unicast ? "" : $"{Type.ToString().ToLowerInvariant()} ")}{(Destination.Length == 0 ? "default" : Destination)}{(Via is { } via ? $" via {via}" : "")}{(Device is null ? "" : $" dev {Device}")}";
}

/// <param name="Mac">Null while it is being asked for, or nobody answered.</param>
internal sealed record NeighbourEntry(IpAddress Address, string Device, MacAddress? Mac, NeighbourState State);

/// <param name="Port">The bridge's port behind which the address is.</param>
/// <param name="Local">The port's own address: frames to it are for the host.</param>
internal sealed record ForwardingEntry(MacAddress Mac, string Bridge, string Port, bool Local);

/// <summary>Of a tunnel's device: to which node's address frames for a hardware address are sent.</summary>
internal sealed record TunnelEntry(string Device, MacAddress Mac, IpAddress Remote);

/// <summary>A set, map or verdict map of nftables, and what is in it.</summary>
internal sealed record SetState(NftSet Set, IReadOnlyList<NftElement> Elements);
