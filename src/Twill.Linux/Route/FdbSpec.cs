namespace Twill.Linux.Route;

/// <summary>Where a link address is reached: behind a bridge's port, or across a VXLAN device at an underlay address.</summary>
public readonly record struct FdbSpec
{
    public required IfIndex Dev { get; init; }

    /// <summary>00:00:00:00:00:00 on a VXLAN device: everything unknown, broadcast and multicast; may be there several times (<see cref="NeighbourRequests.AppendFdb"/>).</summary>
    public required MacAddress Mac { get; init; }

    /// <summary>The remote end of a VXLAN tunnel; null on a bridge's port.</summary>
    public IpAddress? Destination { get; init; }

    /// <summary>UDP port of the remote end; 0: the device's own.</summary>
    public ushort Port { get; init; }

    /// <summary>Null: the device's own.</summary>
    public Vni? Vni { get; init; }

    /// <summary>Self: the device's own table. Master: the bridge's. None: self.</summary>
    public NeighbourFlags Flags { get; init; }

    /// <summary>Permanent: on a bridge, the host itself. NoArp: static, stays on its port. Reachable: dynamic, ages. Null: permanent.</summary>
    public NeighbourState? State { get; init; }

    /// <summary>As `bridge fdb` takes it.</summary>
    public override string ToString() => $"{Mac} dev #{Dev}{(Destination is null ? "" : $" dst {Destination}")}";
}
