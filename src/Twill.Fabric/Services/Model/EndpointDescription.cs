using Twill.Linux.Route;

namespace Twill.Fabric.Services.Model;

/// <summary>An address behind a service. Source: EndpointSlice v1.</summary>
public sealed record EndpointDescription
{
    public required IpAddress Address { get; init; }

    /// <summary>Port numbers by the names of the service's ports; a name that is missing is not served here.</summary>
    public required IReadOnlyDictionary<string, ushort> Ports { get; init; }

    public bool Ready { get; init; } = true;

    /// <summary>As ready, but without regard to terminating.</summary>
    public bool Serving { get; init; } = true;

    public bool Terminating { get; init; }

    /// <summary>Null: on no node that we know.</summary>
    public string? Node { get; init; }

    public string? Zone { get; init; }

    /// <summary>Zones that shall use it; empty: no hint.</summary>
    public IReadOnlyList<string> ZoneHints { get; init; } = [];

    /// <summary>Nodes that shall use it; empty: no hint.</summary>
    public IReadOnlyList<string> NodeHints { get; init; } = [];
}
