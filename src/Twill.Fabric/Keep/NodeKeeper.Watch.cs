using Twill.Fabric.Model;
using Twill.Fabric.Plan;

namespace Twill.Fabric.Keep;

/// <summary>How a keeper is, for whoever runs it. From any thread.</summary>
public sealed partial class NodeKeeper
{
    private IReadOnlyList<Refusal> _refused = [];
    private long _rounds;
    private Cluster? _asked, _done;
    private volatile bool _isInPlace;

    /// <summary>How often the thread has gone round. It does at least once an audit, and soon after <see cref="Nudge"/>, unless it hangs.</summary>
    public long Rounds => Volatile.Read(ref _rounds);

    /// <summary>The last look found the plan in the kernel, or put it there, with nothing refused or held back.</summary>
    public bool IsInPlace => _isInPlace;

    /// <summary>The same, and it was the plan of the cluster that was set last.</summary>
    public bool IsCurrent => _isInPlace && ReferenceEquals(Volatile.Read(ref _asked), Volatile.Read(ref _done));

    /// <summary>Nodes that are left out, or stay what they were.</summary>
    public IReadOnlyList<Refusal> Refused => Volatile.Read(ref _refused);

    /// <summary>Null until a cluster with this node was set.</summary>
    public Underlay? Underlay => Volatile.Read(ref _inForce)?.Underlay;

    /// <summary>Makes the thread go round once, without any other effect.</summary>
    public void Nudge() => _wake.Call();
}
