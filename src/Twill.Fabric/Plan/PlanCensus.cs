using Twill.Fabric.Backends;
using Twill.Fabric.Model;

namespace Twill.Fabric.Plan;

/// <summary>Of the nodes in force, this node among them, how many there are of what all depend on.</summary>
internal struct PlanCensus
{
    private int _withoutV4, _withoutV6, _far;

    /// <param name="by">1: it is in force now. -1: it is no longer.</param>
    internal void Count(Cluster cluster, Underlay underlay, ClusterNode own, ClusterNode node, int by)
    {
        if (node.PrefixOf(v6: false) is null) _withoutV4 += by;
        if (node.PrefixOf(v6: true) is null) _withoutV6 += by;
        if (node.Name != own.Name && ClusterPlan.IsFar(Backends.Backends.Find(cluster.Backend), underlay, own, node)) _far += by;
    }

    /// <exception cref="FabricException">No tunnel can carry all nodes: two that contradict each other are named.</exception>
    internal readonly PlanGround Ground(Cluster cluster, AdmissionView view)
    {
        if (!Backends.Backends.Find(cluster.Backend).Tunnels) return new PlanGround(null, false);

        // With none left that lacks one of the families the answer is known; else everybody is looked at, for the names.
        bool outer = _withoutV4 != 0 && (_withoutV6 == 0 || Overlay.OuterIsV6(cluster with { Nodes = view.InForce() }));
        return new PlanGround(outer, _far > 0);
    }
}
