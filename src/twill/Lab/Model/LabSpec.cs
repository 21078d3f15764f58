using Twill.Fabric.Model;

namespace Twill.Lab.Model;

/// <summary>What was asked for: all that the lab's network is computed from. The kernel keeps it, in the marks of the namespaces.</summary>
internal sealed record LabSpec
{
    internal LabMode Mode { get; init; }

    internal bool V4 { get; init; } = true;

    internal bool V6 { get; init; }

    /// <summary>Only the namespaces and the cables of the LAN are made; the rest is the learner's work.</summary>
    internal bool Empty { get; init; }

    /// <summary>In the order of their indexes.</summary>
    internal IReadOnlyList<LabNodeSpec> Nodes { get; init; } = [];

    /// <summary>Node by node; on a node in the order in which they get their addresses.</summary>
    internal IReadOnlyList<LabPodSpec> Pods { get; init; } = [];

    internal IEnumerable<LabPodSpec> PodsOf(string node) => Pods.Where(p => p.Node == node);

    /// <summary>The same nodes as every other part of Twill knows them.</summary>
    internal Cluster Cluster => LabAddresses.Cluster(Nodes.Select(n => n.Index), V6);
}
