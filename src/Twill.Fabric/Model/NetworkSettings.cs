using Twill.Fabric.Ipam;
using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>A network as one node sees it: what every pod attached to it has in common.</summary>
public sealed record NetworkSettings
{
    /// <summary>The CNI configuration's name: letters, digits, '_', '.', '-'.</summary>
    public required string Name { get; init; }

    public required BridgeSettings Bridge { get; init; }

    /// <summary>The pod's default route goes to the bridge.</summary>
    public bool IsDefaultGateway { get; init; }

    /// <summary>What leaves the network is masqueraded.</summary>
    public bool Masquerade { get; init; }

    /// <summary>Destinations reached without masquerading, beside the network itself: the cluster's pods and nodes.</summary>
    public IReadOnlyList<IpPrefix> MasqueradeExcept { get; init; } = [];

    /// <summary>Our own address management; null where another IPAM plugin decides, or none.</summary>
    public AddressPool? Pool { get; init; }

    /// <summary>Routes of the pod, beside the default route.</summary>
    public IReadOnlyList<PodRoute> Routes { get; init; } = [];

    /// <summary>Whether the pod's interface is brought up.</summary>
    public bool PodInterfaceUp { get; init; } = true;

    /// <summary>Five letters that stand for the network in the names of links.</summary>
    public string Tag => ClaimName.Tag(Name);
}
