using Twill.Etcd;
using Twill.Fabric.Model;

namespace Twill.Agent.Registry;

/// <summary>What a <see cref="NodeFollower"/> tells next: once a snapshot, from then on differences only.</summary>
internal abstract record NodeStep
{
    private NodeStep()
    {
    }

    /// <summary>All nodes as of a revision.</summary>
    public sealed record Snapshot(long Revision, IReadOnlyList<ClusterNode> Nodes, IReadOnlyList<string> Problems) : NodeStep;

    /// <summary>Nodes that joined or are different, and the names of those that left.</summary>
    /// <param name="Problems">Records that cannot be read, each with its key and why; such a node stays as it was.</param>
    public sealed record Changes(long Revision, IReadOnlyList<ClusterNode> Changed, IReadOnlyList<string> Gone, IReadOnlyList<string> Problems) : NodeStep;

    /// <summary>etcd cannot be followed for now; all that was told stays.</summary>
    public sealed record Away(EtcdException Why) : NodeStep;

    /// <summary>It can be again; what changed meanwhile follows, if anything did.</summary>
    public sealed record Back(long Revision) : NodeStep;
}
