using Twill.Linux.Route;

namespace Twill.Agent.View;

/// <summary>What the kernel of this node says about our network, without any agent: everything of ours bears our mark.</summary>
internal sealed record KernelView
{
    internal IReadOnlyList<BridgeUse> Bridges { get; init; } = [];

    internal IReadOnlyList<PodUse> Pods { get; init; } = [];

    /// <summary>Host ends without an owner: an ADD at work, or one that died.</summary>
    internal IReadOnlyList<string> Unfinished { get; init; } = [];

    /// <summary>Those of them whose ADD died: nobody alive holds its mark.</summary>
    internal IReadOnlyList<string> Abandoned { get; init; } = [];

    internal IReadOnlyList<SubnetUse> Subnets { get; init; } = [];

    internal IReadOnlyList<RouteUse> Routes { get; init; } = [];

    /// <summary>Null: there is no overlay.</summary>
    internal string? Tunnel { get; init; }

    /// <summary>Bytes; 0 without an overlay.</summary>
    internal int TunnelMtu { get; init; }

    internal bool ForwardsV4 { get; init; }

    internal bool ForwardsV6 { get; init; }

    /// <summary>Names of our nftables tables that are there.</summary>
    internal IReadOnlyList<string> Tables { get; init; } = [];

    internal CniFiles Cni { get; init; } = new();
}

internal sealed record BridgeUse(string Name, IReadOnlyList<IpPrefix> Addresses, int Mtu, bool IsUp, int Ports);

/// <param name="Pod">As the runtime named it; the container's id where it did not.</param>
/// <param name="Bridge">Null: the host end is on no bridge.</param>
internal sealed record PodUse(string Pod, string Network, string IfName, string Host, IReadOnlyList<string> Addresses, string? Bridge, bool IsUp, int Mtu, string Container);

/// <param name="Leaked">Of those in use, held by an ADD that died: DEL or GC frees them.</param>
internal sealed record SubnetUse(string Bridge, IpPrefix Subnet, long Used, long Free, long Leaked = 0);

internal sealed record RouteUse(IpPrefix Destination, IpAddress? Via, string Device, bool Tunnel, bool IsUp);

/// <param name="Files">Configurations in the order in which a runtime looks at them.</param>
/// <param name="Ours">Null: there is none of ours.</param>
internal sealed record CniFiles(string Directory = "", IReadOnlyList<string>? Files = null, string? Ours = null)
{
    internal bool OursIsFirst => Ours is not null && Files is [var first, ..] && first == Ours;
}
