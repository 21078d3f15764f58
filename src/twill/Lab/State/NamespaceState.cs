using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Lab.State;

/// <summary>One network namespace: what `ip -n NAME link, addr, route, neigh`, `bridge -n NAME fdb` and `ip netns exec NAME nft list ruleset` would show.</summary>
internal sealed record NamespaceState
{
    internal required string Name { get; init; }

    internal required LabKind Kind { get; init; }

    /// <summary>Of a node: its number, from 1; else 0.</summary>
    internal int Index { get; init; }

    /// <summary>Of a pod: its node; else empty.</summary>
    internal string Node { get; init; } = "";

    /// <summary>Without loopback's own settings nothing is left out; in the kernel's order.</summary>
    internal IReadOnlyList<LinkState> Links { get; init; } = [];

    /// <summary>IPv6 link-local ones left out; IPv4 first.</summary>
    internal IReadOnlyList<AddressState> Addresses { get; init; } = [];

    /// <summary>Table main, both families, without link-local and multicast prefixes.</summary>
    internal IReadOnlyList<RouteState> Routes { get; init; } = [];

    internal IReadOnlyList<NeighbourEntry> Neighbours { get; init; } = [];

    /// <summary>Of the bridges in it.</summary>
    internal IReadOnlyList<ForwardingEntry> Forwarding { get; init; } = [];

    /// <summary>Of the tunnels in it.</summary>
    internal IReadOnlyList<TunnelEntry> Tunnels { get; init; } = [];

    /// <summary>net/ipv4/ip_forward and net/ipv6/conf/all/forwarding of nodes and router, and the router's send_redirects; pods do not forward and are not asked.</summary>
    internal IReadOnlyDictionary<string, string> Sysctls { get; init; } = new Dictionary<string, string>();

    /// <summary>Every chain of every table, whoever made it.</summary>
    internal IReadOnlyList<NftChain> Chains { get; init; } = [];

    internal IReadOnlyList<NftRuleInfo> Rules { get; init; } = [];

    /// <summary>The sets that rules look things up in, with their elements.</summary>
    internal IReadOnlyList<SetState> Sets { get; init; } = [];

    /// <summary>Of a pod: the containers at work in it.</summary>
    internal IReadOnlyList<string> Containers { get; init; } = [];

    /// <summary>Of a node: the words behind `twill` of its agent; of the router: "etcd" where that runs. Empty: none.</summary>
    internal string Agent { get; init; } = "";

    /// <summary>Of the router: the list that agents read; empty where they read none.</summary>
    internal string Told { get; init; } = "";

    internal LinkState? Link(string name) => Links.FirstOrDefault(l => l.Name == name);

    internal LinkState? Bridge => Links.FirstOrDefault(l => l.Kind == "bridge");

    internal IEnumerable<LinkState> PortsOf(string bridge) => Links.Where(l => l.Master == bridge);

    internal IEnumerable<IpPrefix> AddressesOf(string device) => Addresses.Where(a => a.Device == device).Select(a => a.Address);

    internal bool Has(IpAddress address) => Addresses.Any(a => a.Address.Address == address);
}
