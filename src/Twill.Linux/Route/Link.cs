namespace Twill.Linux.Route;

/// <summary>A network interface as the kernel told it.</summary>
public sealed record Link
{
    public required IfIndex Index { get; init; }

    public required string Name { get; init; }

    /// <summary>"veth", "bridge", "vxlan"; empty for loopback and hardware.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Empty where none is set.</summary>
    public string Alias { get; init; } = "";

    public IReadOnlyList<string> AltNames { get; init; } = [];

    public MacAddress? Mac { get; init; }

    public Mtu Mtu { get; init; }

    public LinkFlags Flags { get; init; }

    public OperState OperState { get; init; }

    public IfIndex? Master { get; init; }

    /// <inheritdoc cref="LinkView.LinkedIndex"/>
    public IfIndex? LinkedIndex { get; init; }

    /// <inheritdoc cref="LinkView.LinkNamespaceId"/>
    public int LinkNamespaceId { get; init; } = -1;

    public uint Group { get; init; }

    public int TxQueueLength { get; init; }

    public int TxQueues { get; init; }

    public int RxQueues { get; init; }

    /// <inheritdoc cref="LinkView.GsoMaxSize"/>
    public int GsoMaxSize { get; init; } = Segments.UsualMax;

    /// <inheritdoc cref="LinkView.Promiscuity"/>
    public int Promiscuity { get; init; }

    /// <inheritdoc cref="LinkView.ReadBridgePort"/>
    public BridgePort? BridgePort { get; init; }

    /// <inheritdoc cref="LinkView.ReadBridge"/>
    public BridgeInfo? Bridge { get; init; }

    /// <inheritdoc cref="LinkView.ReadVxlan"/>
    public VxlanInfo? Vxlan { get; init; }

    public bool IsUp => (Flags & LinkFlags.Up) != 0;

    /// <summary>Up and with a carrier.</summary>
    public bool IsRunning => (Flags & LinkFlags.LowerUp) != 0 && IsUp;
}
