namespace Twill.Linux.Route;

/// <summary>Settings of a bridge port. Null leaves a setting alone.</summary>
public readonly record struct BridgePortFlags
{
    /// <summary>Packets may leave by the port they came in by: a pod reaches itself through a service.</summary>
    public bool? Hairpin { get; init; }

    /// <summary>Isolated ports talk to ports that are not, never to each other.</summary>
    public bool? Isolated { get; init; }

    /// <summary>Only known sources may send.</summary>
    public bool? Locked { get; init; }

    public bool? Learning { get; init; }

    /// <summary>Unicast to unknown destinations is sent here.</summary>
    public bool? Flood { get; init; }

    public bool? McastFlood { get; init; }

    public bool? BroadcastFlood { get; init; }

    /// <summary>The bridge answers ARP and neighbour solicitations for what it knows.</summary>
    public bool? NeighSuppress { get; init; }
}
