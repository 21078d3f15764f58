using Twill.Linux.Route;

namespace Twill.Trace;

internal enum SightingKind
{
    There,
    Back,

    /// <summary>An ICMP message about the packet, from somebody on the way.</summary>
    Error,
}

/// <summary>Our packet, its answer or a message about it, seen somewhere.</summary>
/// <param name="OtherHost">It came in with somebody else's hardware address.</param>
/// <param name="TimeNs">Of the kernel's clock: for differences.</param>
internal sealed record Sighting(HopPoint Point, SightingKind Kind, IpAddress Source, IpAddress Destination, bool OtherHost, long TimeNs)
{
    /// <summary>Of an ICMP message; else 0.</summary>
    internal byte IcmpType { get; init; }

    internal byte IcmpCode { get; init; }

    /// <summary>An answer that says that nobody listens: a reset, or "port unreachable".</summary>
    internal bool Refused { get; init; }

    /// <summary>What a message says: "fragmentation needed", "host unreachable".</summary>
    internal string Words => (Source.IsV6, IcmpType, IcmpCode) switch
    {
        (false, 3, 0) or (true, 1, 0) => "no route",
        (false, 3, 1) or (true, 1, 3) => "host unreachable",
        (false, 3, 3) or (true, 1, 4) => "port unreachable",
        (false, 3, 4) or (true, 2, _) => "too big, and may not be cut",
        (false, 3, 9 or 10 or 13) or (true, 1, 1) => "prohibited",
        (false, 11, _) or (true, 3, _) => "ttl used up",
        _ => $"ICMP type {IcmpType} code {IcmpCode}",
    };
}
