namespace Twill.Kube;

/// <summary>What we keep of an EndpointSlice: a part of a service's endpoints of one family.</summary>
/// <remarks>Source: k8s.io/api/discovery/v1, EndpointSlice.</remarks>
public sealed record KubeEndpointSlice
{
    /// <summary>Slices of all namespaces, without those of headless services and those that say another proxy is theirs.</summary>
    public static KubeResource<KubeEndpointSlice> Resource { get; } =
        new("discovery.k8s.io", "v1", "endpointslices", true, static () => new KubeEndpointSliceReader()) { LabelSelector = "!service.kubernetes.io/service-proxy-name,!service.kubernetes.io/headless" };

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    /// <summary>Label kubernetes.io/service-name; empty: of none.</summary>
    public string Service { get; init; } = "";

    /// <summary>IPv4, IPv6 or FQDN.</summary>
    public string AddressType { get; init; } = "";

    public IReadOnlyList<KubeEndpointPort> Ports { get; init; } = [];

    public IReadOnlyList<KubeEndpoint> Endpoints { get; init; } = [];

    /// <summary>By content: lists too.</summary>
    public bool Equals(KubeEndpointSlice? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Namespace == other.Namespace && Name == other.Name && Service == other.Service && AddressType == other.AddressType
            && Ports.SequenceEqual(other.Ports) && Endpoints.SequenceEqual(other.Endpoints));

    public override int GetHashCode() => HashCode.Combine(Namespace, Name);
}

/// <param name="Name">That of the service's port; empty where it has one.</param>
/// <param name="Number">0: all ports, which a service cannot mean.</param>
public readonly record struct KubeEndpointPort(string Name, int Number);

/// <summary>One endpoint. Of its addresses the first counts, as the API asks of consumers.</summary>
public sealed record KubeEndpoint
{
    public string Address { get; init; } = "";

    /// <summary>Absent means ready.</summary>
    public bool Ready { get; init; } = true;

    /// <summary>Absent means the same as ready.</summary>
    public bool Serving { get; init; } = true;

    public bool Terminating { get; init; }

    public string? Node { get; init; }

    public string? Zone { get; init; }

    public IReadOnlyList<string> ZoneHints { get; init; } = [];

    public IReadOnlyList<string> NodeHints { get; init; } = [];

    /// <summary>By content: lists too.</summary>
    public bool Equals(KubeEndpoint? other) =>
        ReferenceEquals(this, other)
        || (other is not null && (Address, Ready, Serving, Terminating, Node, Zone) == (other.Address, other.Ready, other.Serving, other.Terminating, other.Node, other.Zone)
            && ZoneHints.SequenceEqual(other.ZoneHints) && NodeHints.SequenceEqual(other.NodeHints));

    public override int GetHashCode() => HashCode.Combine(Address, Node);
}
