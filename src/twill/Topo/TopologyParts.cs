using Twill.Lab.State;
using Twill.Linux.Route;

namespace Twill.Topo;

/// <param name="Uplink">Its end of the cable to the LAN; null: it has none.</param>
/// <param name="Bridge">Null: none yet.</param>
/// <param name="Pods">In the order of their addresses.</param>
/// <param name="Routes">Those that lead somewhere: with a gateway, or a refusal. IPv4 first, default routes last.</param>
/// <param name="Lan">The router's bridge that it is plugged into; empty: none.</param>
internal sealed record TopologyNode(NamespaceState Network, LinkState? Uplink, LinkState? Bridge, IReadOnlyList<TopologyPod> Pods, IReadOnlyList<TopologyRoute> Routes, string Lan = "")
{
    internal string Name => Network.Name;

    /// <summary>On the LAN, IPv4 first.</summary>
    internal IReadOnlyList<IpPrefix> Addresses { get; } = Uplink is null ? [] : [.. Network.AddressesOf(Uplink.Name)];

    internal IReadOnlyList<IpPrefix> BridgeAddresses { get; } = Bridge is null ? [] : [.. Network.AddressesOf(Bridge.Name)];

    internal string BridgeKey => $"{Name}/{Bridge?.Name}";

    internal string UplinkKey => $"{Name}/{Uplink?.Name}";
}

/// <param name="End">The pod's end of its cable; null: it has no interface.</param>
/// <param name="Host">The node's end; null: the cable does not lead to its node.</param>
/// <param name="Containers">Processes that share its namespace.</param>
internal sealed record TopologyPod(NamespaceState Network, LinkState? End, LinkState? Host, IReadOnlyList<string> Containers)
{
    internal string Name => Network.Name;

    internal string Node => Network.Node;

    internal string CableKey => $"{Node}/{Host?.Name}";

    internal IReadOnlyList<IpPrefix> Addresses { get; } = End is null ? [] : [.. Network.AddressesOf(End.Name)];

    /// <summary>The default routes.</summary>
    internal IEnumerable<RouteState> Gateways => Network.Routes.Where(r => r.Destination.Length == 0 && r.Via is not null);

    /// <summary>By address; those without come first.</summary>
    internal IpAddress Order => Addresses.Count > 0 ? Addresses[0].Address : default;
}

/// <param name="In">The namespace that has it.</param>
/// <param name="Towards">Whose address the gateway is; null: nobody's.</param>
/// <param name="Tunnelled">It leads into a tunnel.</param>
internal sealed record TopologyRoute(string In, RouteState State, string? Towards, bool Tunnelled = false)
{
    internal string Key => KeyOf(In, State.Destination);

    internal string Destination => State.Destination.Length == 0 ? "default" : State.Destination.ToString();

    /// <summary>Where it leads: a name, else an address, else the refusal.</summary>
    internal string Target => $"{Towards ?? State.Via?.ToString() ?? State.Type.ToString().ToLowerInvariant()}{(Tunnelled ? " vxlan" : "")}";

    internal static string KeyOf(string network, IpPrefix destination) => $"{network}/route/{destination}";
}

/// <param name="Lan">The bridge that the LAN is.</param>
/// <param name="Border">The end of the cable to the internet.</param>
internal sealed record TopologyRouter(NamespaceState Network, LinkState? Lan, LinkState? Border, IReadOnlyList<TopologyRoute> Routes)
{
    internal string Name => Network.Name;

    internal string LanKey => $"{Name}/{Lan?.Name}";

    internal IReadOnlyList<IpPrefix> LanAddresses { get; } = Lan is null ? [] : [.. Network.AddressesOf(Lan.Name)];

    /// <summary>The one above, and where there are two the other.</summary>
    internal IReadOnlyList<TopologyLan> Lans { get; } = Lan is null ? [] : [.. Network.Links.Where(l => l.Kind == "bridge").OrderBy(l => l != Lan).Select(l => new TopologyLan($"{Network.Name}/{l.Name}", l, [.. Network.AddressesOf(l.Name)]))];

    internal IReadOnlyList<IpPrefix> BorderAddresses { get; } = Border is null ? [] : [.. Network.AddressesOf(Border.Name)];
}

/// <summary>A LAN: a bridge of the router's.</summary>
internal sealed record TopologyLan(string Key, LinkState Link, IReadOnlyList<IpPrefix> Addresses);

/// <param name="Border">The end of the cable to the router.</param>
internal sealed record TopologyInternet(NamespaceState Network, LinkState? Border)
{
    internal string Name => Network.Name;

    /// <summary>What pods know it by.</summary>
    internal IReadOnlyList<IpPrefix> Addresses { get; } = [.. Network.Addresses.Where(a => a.Device == "lo" && a.Address.ToString() is not ("127.0.0.1/8" or "::1/128")).Select(a => a.Address)];
}

/// <summary>Something is not as it must be.</summary>
/// <param name="Key">Of the thing in the picture that it is marked on.</param>
/// <param name="Mark">Two or three words beside the thing.</param>
/// <param name="Sentence">What, where, and what to do.</param>
internal sealed record TopologyProblem(string Key, string Mark, string Sentence);
