using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netns;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.Apply;

/// <summary>Brings a node's network to its plan by writing the difference only, once.</summary>
public static class NodeApply
{
    /// <param name="network">The node's namespace; null: the calling thread's.</param>
    /// <param name="host">A socket of that namespace.</param>
    /// <returns>The writes made, in order; empty: it was in sync.</returns>
    /// <exception cref="FabricException">The device is missing, or something of somebody else stands where ours should be. All other steps were made.</exception>
    /// <exception cref="Linux.Netlink.NetlinkException">The kernel refused a step; all others were made.</exception>
    public static IReadOnlyList<NodeStep> Apply(NetworkNamespace? network, RouteSocket host, NodePlan plan)
    {
        using NftSocket nft = NftSocket.Open(network);
        IReadOnlyList<NodeStep> steps = plan.Difference(NodeReader.Read(network, host, nft, plan, out NodeLinks links));
        IReadOnlyList<StepFailure> failures = new NodeWriter(network, host, nft).Write(plan, steps, links);
        return failures.Count == 0 ? steps : throw failures[0].Reason;
    }

    /// <summary>What of the plan is there.</summary>
    public static NodeState Read(NetworkNamespace? network, RouteSocket host, NodePlan plan)
    {
        using NftSocket nft = NftSocket.Open(network);
        return NodeReader.Read(network, host, nft, plan, out _);
    }

    internal static void Inside(NetworkNamespace? network, Action code)
    {
        if (network is null) code();
        else network.Run(code);
    }
}
