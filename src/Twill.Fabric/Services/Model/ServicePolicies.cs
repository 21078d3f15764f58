namespace Twill.Fabric.Services.Model;

/// <summary>Whose endpoints a frontend may use. Source: Service v1, internalTrafficPolicy and externalTrafficPolicy.</summary>
public enum TrafficPolicy
{
    Cluster,

    /// <summary>Only those of this node; none of them: dropped, so that a load balancer's retry finds another node.</summary>
    Local,
}

/// <summary>What is preferred while it is there. Source: Service v1, trafficDistribution.</summary>
public enum TrafficDistribution
{
    None,

    /// <summary>Also spelled PreferClose.</summary>
    PreferSameZone,
    PreferSameNode,
}

/// <summary>How connections are spread over endpoints.</summary>
public enum Spread
{
    /// <summary>Each connection anew; of UDP each source address and port.</summary>
    Random,

    /// <summary>By source address and port through a Maglev table: every node chooses the same, and a change moves few.</summary>
    Maglev,
}
