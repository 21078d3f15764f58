using Twill.Linux.Route;

namespace Twill.Fabric.Services.Model;

/// <summary>Why an endpoint is used, or not.</summary>
public enum EndpointReason
{
    Used,

    /// <summary>Used although it terminates: no endpoint is ready, and it still serves.</summary>
    LastResort,
    NotReady,
    Terminating,

    /// <summary>The policy asks for this node's own endpoints.</summary>
    OtherNode,

    /// <summary>Every ready endpoint has hints, and these are for other zones.</summary>
    OtherZone,

    /// <summary>Every ready endpoint has hints, and these are for other nodes.</summary>
    HintedElsewhere,

    /// <summary>It has no port of this name.</summary>
    NoPort,
    OtherFamily,
}

/// <summary>An endpoint, and whether and why it is used.</summary>
public readonly record struct EndpointUse(EndpointDescription Endpoint, EndpointReason Reason)
{
    public bool IsUsed => Reason is EndpointReason.Used or EndpointReason.LastResort;
}

/// <summary>Where connections end: address and port.</summary>
public readonly record struct Backend(IpAddress Address, ushort Port) : IComparable<Backend>
{
    public int CompareTo(Backend other) => Address.CompareTo(other.Address) is var order and not 0 ? order : Port.CompareTo(other.Port);

    public static bool operator <(Backend a, Backend b) => a.CompareTo(b) < 0;

    public static bool operator >(Backend a, Backend b) => a.CompareTo(b) > 0;

    public static bool operator <=(Backend a, Backend b) => a.CompareTo(b) <= 0;

    public static bool operator >=(Backend a, Backend b) => a.CompareTo(b) >= 0;

    public override string ToString() => Address.IsV6 ? $"[{Address}]:{Port}" : $"{Address}:{Port}";
}
