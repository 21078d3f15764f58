namespace Twill.Linux.Route;

/// <summary>A packet whose way is asked for.</summary>
public readonly record struct RouteLookup
{
    public required IpAddress Destination { get; init; }

    public IpAddress? Source { get; init; }

    /// <summary>The packet comes in here and is forwarded; null: this host sends it.</summary>
    public IfIndex? InputDev { get; init; }

    public IfIndex? OutputDev { get; init; }

    /// <summary>The packet's firewall mark.</summary>
    public uint? Mark { get; init; }

    public uint? Uid { get; init; }

    /// <summary>Answer the table's entry, instead of the way one packet takes.</summary>
    public bool FibMatch { get; init; }
}
