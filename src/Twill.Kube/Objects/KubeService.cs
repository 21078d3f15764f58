using System.Text.Json;

namespace Twill.Kube;

/// <summary>What we keep of a Service. All texts are as the server gave them: whoever uses one checks it and names the service.</summary>
/// <remarks>Source: k8s.io/api/core/v1, Service.</remarks>
public sealed record KubeService
{
    /// <summary>Services of all namespaces, without those that say another proxy is theirs.</summary>
    public static KubeResource<KubeService> Resource { get; } =
        new("", "v1", "services", true, static () => new KubeServiceReader()) { LabelSelector = "!service.kubernetes.io/service-proxy-name" };

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    /// <summary>ClusterIP, NodePort, LoadBalancer or ExternalName.</summary>
    public string Type { get; init; } = "";

    /// <summary>spec.clusterIPs; "None" for a headless service.</summary>
    public IReadOnlyList<string> ClusterIps { get; init; } = [];

    public IReadOnlyList<KubeServicePort> Ports { get; init; } = [];

    public IReadOnlyList<string> ExternalIps { get; init; } = [];

    /// <summary>status.loadBalancer.ingress[].ip, without those of ipMode Proxy: packets for these do not reach nodes with that destination.</summary>
    public IReadOnlyList<string> IngressIps { get; init; } = [];

    public IReadOnlyList<string> SourceRanges { get; init; } = [];

    /// <summary>spec.loadBalancerIP: the address that somebody wishes.</summary>
    public string LoadBalancerIp { get; init; } = "";

    /// <summary>spec.loadBalancerClass: empty means whoever gives addresses by default.</summary>
    public string LoadBalancerClass { get; init; } = "";

    /// <summary>None or ClientIP.</summary>
    public string Affinity { get; init; } = "";

    /// <summary>spec.sessionAffinityConfig.clientIP.timeoutSeconds; 0: not said.</summary>
    public int AffinitySeconds { get; init; }

    /// <summary>Cluster or Local.</summary>
    public string InternalPolicy { get; init; } = "";

    /// <summary>Cluster or Local.</summary>
    public string ExternalPolicy { get; init; } = "";

    /// <summary>PreferClose, PreferSameZone, PreferSameNode, or empty.</summary>
    public string Distribution { get; init; } = "";

    public bool PublishNotReady { get; init; }

    public int HealthCheckNodePort { get; init; }

    /// <summary>Annotation twill/spread: random or maglev.</summary>
    public string Spread { get; init; } = "";

    /// <summary>By content: lists too.</summary>
    public bool Equals(KubeService? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Namespace == other.Namespace && Name == other.Name && Type == other.Type && LoadBalancerIp == other.LoadBalancerIp && LoadBalancerClass == other.LoadBalancerClass
            && (Affinity, AffinitySeconds, InternalPolicy, ExternalPolicy, Distribution) == (other.Affinity, other.AffinitySeconds, other.InternalPolicy, other.ExternalPolicy, other.Distribution)
            && (PublishNotReady, HealthCheckNodePort, Spread) == (other.PublishNotReady, other.HealthCheckNodePort, other.Spread)
            && ClusterIps.SequenceEqual(other.ClusterIps) && Ports.SequenceEqual(other.Ports) && ExternalIps.SequenceEqual(other.ExternalIps)
            && IngressIps.SequenceEqual(other.IngressIps) && SourceRanges.SequenceEqual(other.SourceRanges));

    public override int GetHashCode() => HashCode.Combine(Namespace, Name);

    /// <summary>A merge patch of the status.</summary>
    internal static byte[] IngressJson(IReadOnlyList<string> addresses)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject("status"u8);
            json.WriteStartObject("loadBalancer"u8);
            json.WriteStartArray("ingress"u8);
            foreach (var address in addresses)
            {
                json.WriteStartObject();
                json.WriteString("ip"u8, address);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}

/// <summary>One of spec.ports. The port at the endpoints is in their slices, under <see cref="Name"/>.</summary>
/// <param name="Protocol">TCP, UDP or SCTP.</param>
/// <param name="NodePort">0: none.</param>
public readonly record struct KubeServicePort(string Name, string Protocol, int Port, int NodePort);
