using Twill.Linux.Route;

namespace Twill.Fabric.Services.Model;

/// <summary>A service as its source describes it, whatever the source is.</summary>
/// <remarks>Headless services and ExternalName have no <see cref="ClusterIps"/>; with no other address they compile to nothing. Source: Service v1.</remarks>
public sealed record ServiceDescription
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    /// <summary>One of each family at most; the families of all other addresses follow from it only for NodePorts.</summary>
    public IReadOnlyList<IpAddress> ClusterIps { get; init; } = [];

    public IReadOnlyList<ServicePort> Ports { get; init; } = [];

    /// <summary>Addresses that somebody else routes to a node.</summary>
    public IReadOnlyList<IpAddress> ExternalIps { get; init; } = [];

    /// <summary>Ingress addresses of a load balancer that keeps the destination (ipMode VIP).</summary>
    public IReadOnlyList<IpAddress> LoadBalancerIps { get; init; } = [];

    /// <summary>It wants an address of a pool, for each family of its cluster addresses.</summary>
    public bool WantsLoadBalancer { get; init; }

    /// <summary>Which, if it matters: these are given, or refused with the reason.</summary>
    public IReadOnlyList<IpAddress> RequestedLoadBalancerIps { get; init; } = [];

    /// <summary>Who may use <see cref="LoadBalancerIps"/>; empty: everybody.</summary>
    public IReadOnlyList<IpPrefix> SourceRanges { get; init; } = [];

    public TrafficPolicy InternalPolicy { get; init; }

    public TrafficPolicy ExternalPolicy { get; init; }

    public TrafficDistribution Distribution { get; init; }

    /// <summary>Seconds for which a client address keeps its endpoint after its last connection; 0: no session affinity.</summary>
    public uint AffinitySeconds { get; init; }

    public bool PublishNotReady { get; init; }

    /// <summary>Port at which a load balancer asks whether this node has endpoints; 0: none. Served elsewhere.</summary>
    public ushort HealthCheckNodePort { get; init; }

    public Spread Spread { get; init; }

    public IReadOnlyList<EndpointDescription> Endpoints { get; init; } = [];

    /// <summary>"default/web".</summary>
    public override string ToString() => $"{Namespace}/{Name}";
}
