namespace Twill.Fabric.Model;

/// <summary>The bridge of a network on this node, with the reference bridge plugin's meaning of each setting.</summary>
/// <remarks>Source: containernetworking/plugins, plugins/main/bridge; cni.dev/plugins/current/main/bridge.</remarks>
public sealed record BridgeSettings
{
    /// <summary>What a bridge is called where nobody chose a name.</summary>
    public const string DefaultName = "twill0";

    public string Name { get; init; } = DefaultName;

    /// <summary>Bytes; null: the bridge's own, and for a new bridge that of the interface the default route leaves by.</summary>
    public int? Mtu { get; init; }

    /// <summary>Bytes: what the bridge and both ends of each pair take in one piece (<see cref="Linux.Route.Segments"/>). Null: the kernel's choice.</summary>
    public int? GsoMaxSize { get; init; }

    /// <summary>The bridge carries the gateway's addresses and the node forwards.</summary>
    public bool IsGateway { get; init; }

    /// <summary>An address of another subnet on the bridge is replaced instead of refused.</summary>
    public bool ForceAddress { get; init; }

    /// <summary>Packets may leave by the port they came in by.</summary>
    public bool Hairpin { get; init; }

    public bool Promiscuous { get; init; }

    /// <summary>Pods of this network reach the node and what is behind it, never each other on this bridge.</summary>
    public bool PortIsolation { get; init; }

    /// <summary>The pod can send from its own hardware address only.</summary>
    public bool MacSpoofCheck { get; init; }

    /// <summary>Duplicate address detection for the pod's IPv6 addresses; off, as the kernel here keeps them single.</summary>
    public bool DuplicateAddressDetection { get; init; }
}
