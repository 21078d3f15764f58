using Twill.Linux.Netns;

namespace Twill.Linux.Route;

/// <summary>A pair of virtual Ethernet interfaces to be made, each end the other's wire.</summary>
public readonly record struct VethSpec
{
    /// <summary>This end's name, up to 15 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>The other end's name. It is born down: the kernel refuses a peer that is up before its partner exists (ENOTCONN).</summary>
    public required string PeerName { get; init; }

    /// <summary>Where the other end is born; null: beside this one.</summary>
    public NetworkNamespace? PeerNamespace { get; init; }

    /// <summary>The bridge this end becomes a port of.</summary>
    public IfIndex? Master { get; init; }

    public Mtu? Mtu { get; init; }

    public Mtu? PeerMtu { get; init; }

    /// <summary>Null: random.</summary>
    public MacAddress? Mac { get; init; }

    /// <inheritdoc cref="Mac"/>
    public MacAddress? PeerMac { get; init; }

    public bool Up { get; init; }

    /// <summary>Queues of both ends; null: one for each possible CPU, which costs memory and time on a large machine.</summary>
    public int? TxQueues { get; init; }

    /// <inheritdoc cref="TxQueues"/>
    public int? RxQueues { get; init; }

    /// <summary>Packets of the transmit queue of both ends.</summary>
    public int? TxQueueLength { get; init; }

    /// <summary>Bytes, both ends: <see cref="Segments"/>. Null leaves the kernel's choice. More than <see cref="Segments.UsualMax"/> is for IPv4, from Linux 6.3 on.</summary>
    public int? GsoMaxSize { get; init; }

    /// <summary>This end's group number; <see cref="LinkRequests.DeleteGroup"/> removes a whole group at once.</summary>
    public uint? Group { get; init; }

    /// <summary>Chosen indices; the peer's is honoured only where this end's is chosen too. Null: the kernel chooses.</summary>
    public IfIndex? Index { get; init; }

    /// <inheritdoc cref="Index"/>
    public IfIndex? PeerIndex { get; init; }

    public override string ToString() => $"{Name} (peer {PeerName}{(PeerNamespace is null ? "" : $" in {PeerNamespace.Name}")})";
}
