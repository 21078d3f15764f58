using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>What CHECK expects, taken from the result that the runtime kept. Null: not told, not checked.</summary>
public sealed record PodExpectation
{
    public MacAddress? BridgeMac { get; init; }

    public string? HostName { get; init; }

    public MacAddress? HostMac { get; init; }

    public MacAddress? PodMac { get; init; }

    public bool PodUp { get; init; } = true;

    public IReadOnlyList<PodAddress> Addresses { get; init; } = [];

    public IReadOnlyList<PodRoute> Routes { get; init; } = [];
}
