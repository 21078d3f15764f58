using Twill.Fabric.Plan;
using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>Our marks on a node's own links; those of pods are in <see cref="Identity"/> and <see cref="Owner"/>.</summary>
public static class NodeMarks
{
    /// <summary>Whether we made this bridge.</summary>
    public static bool IsBridge(Link link) => link.Alias.StartsWith(BridgePlan.Mark, StringComparison.Ordinal);

    /// <summary>Whether we made this tunnel.</summary>
    public static bool IsTunnel(Link link) => link.Alias == NodeStep.VxlanAlias;
}
