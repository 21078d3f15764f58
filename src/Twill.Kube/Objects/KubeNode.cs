namespace Twill.Kube;

/// <summary>What we keep of a Node. All texts are as the server gave them: whoever uses one checks it and names the node.</summary>
public sealed record KubeNode
{
    /// <summary>All nodes of the cluster.</summary>
    public static KubeResource<KubeNode> Resource { get; } = new("", "v1", "nodes", false, static () => new KubeNodeReader());

    public required string Name { get; init; }

    /// <summary>The server's own identity of it: a node made anew under an old name has another one.</summary>
    public string Uid { get; init; } = "";

    /// <summary>spec.podCIDRs, else spec.podCIDR; empty until the controller has given one.</summary>
    public IReadOnlyList<string> PodCidrs { get; init; } = [];

    /// <summary>status.addresses of type InternalIP, in their order.</summary>
    public IReadOnlyList<string> InternalIps { get; init; } = [];

    /// <summary>status.addresses of type ExternalIP.</summary>
    public IReadOnlyList<string> ExternalIps { get; init; } = [];

    /// <summary>The first of status.addresses of type Hostname.</summary>
    public string? Hostname { get; init; }

    /// <summary>Label topology.kubernetes.io/zone.</summary>
    public string? Zone { get; init; }

    /// <summary>Label topology.kubernetes.io/region.</summary>
    public string? Region { get; init; }

    public bool IsUnschedulable { get; init; }

    /// <summary>It has a deletionTimestamp.</summary>
    public bool IsDeleting { get; init; }

    /// <summary>By content: lists too.</summary>
    public bool Equals(KubeNode? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Name == other.Name && Uid == other.Uid && Hostname == other.Hostname && Zone == other.Zone && Region == other.Region
            && IsUnschedulable == other.IsUnschedulable && IsDeleting == other.IsDeleting
            && PodCidrs.SequenceEqual(other.PodCidrs) && InternalIps.SequenceEqual(other.InternalIps) && ExternalIps.SequenceEqual(other.ExternalIps));

    /// <summary>node1 10.244.1.0/24 at 192.168.1.11</summary>
    public override string ToString() => $"{Name} {string.Join(',', PodCidrs)} at {string.Join(',', InternalIps)}{(IsDeleting ? " (deleting)" : "")}";

    public override int GetHashCode() => HashCode.Combine(Name, Uid);
}
