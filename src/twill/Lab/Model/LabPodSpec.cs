namespace Twill.Lab.Model;

/// <param name="Name">Of the pod and of its namespace.</param>
/// <param name="Node">Where it runs.</param>
internal sealed record LabPodSpec(string Name, string Node)
{
    /// <summary>Its place in the node's blocks, from 2 as 1 is the bridge: 10.244.1.2 and fd00:10:244:1::2.</summary>
    internal int Number { get; init; }

    /// <summary>Processes that share the pod's namespace; empty: nobody runs in it.</summary>
    internal IReadOnlyList<string> Containers { get; init; } = [];

    /// <summary>Records compare lists by reference; a specification is compared by what it says.</summary>
    public bool Equals(LabPodSpec? other)
        => other is not null && Name == other.Name && Node == other.Node && Number == other.Number && Containers.SequenceEqual(other.Containers, StringComparer.Ordinal);

    public override int GetHashCode() => HashCode.Combine(Name, Node, Number);
}
