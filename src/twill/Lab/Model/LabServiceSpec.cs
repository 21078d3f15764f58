namespace Twill.Lab.Model;

/// <summary>A service of the lab: one address, and pods that answer behind it.</summary>
/// <param name="Number">From 1; the service's addresses follow from it.</param>
/// <param name="Port">Where clients knock.</param>
internal sealed record LabServiceSpec(string Name, int Number, ushort Port)
{
    /// <summary>Where the pods listen.</summary>
    internal required ushort Target { get; init; }

    /// <summary>Port at every node's own address; 0: none.</summary>
    internal ushort NodePort { get; init; }

    /// <summary>Whether it has an address on the LAN, for those outside.</summary>
    internal bool LoadBalancer { get; init; }

    /// <summary>Names of pods; in the order of names.</summary>
    internal IReadOnlyList<string> Pods { get; init; } = [];

    /// <summary>Records compare lists by reference; a specification is compared by what it says.</summary>
    public bool Equals(LabServiceSpec? other)
        => other is not null && (Name, Number, Port, Target, NodePort, LoadBalancer) == (other.Name, other.Number, other.Port, other.Target, other.NodePort, other.LoadBalancer) && Pods.SequenceEqual(other.Pods, StringComparer.Ordinal);

    public override int GetHashCode() => HashCode.Combine(Name, Number, Port, Target, NodePort);
}
