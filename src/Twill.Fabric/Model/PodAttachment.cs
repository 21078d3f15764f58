using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>A pod attached: what exists in the kernel now.</summary>
public sealed record PodAttachment
{
    public required string BridgeName { get; init; }

    public required MacAddress BridgeMac { get; init; }

    public required string HostName { get; init; }

    public required MacAddress HostMac { get; init; }

    public required MacAddress PodMac { get; init; }

    public required int BridgeMtu { get; init; }

    /// <summary>Of both ends, bytes.</summary>
    public required int Mtu { get; init; }

    public required IReadOnlyList<PodAddress> Addresses { get; init; }

    /// <summary>With every gateway filled in.</summary>
    public required IReadOnlyList<PodRoute> Routes { get; init; }
}
