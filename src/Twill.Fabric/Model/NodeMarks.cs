using Twill.Fabric.Plan;
using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>Our marks on a node's own links; those of pods are in <see cref="Identity"/> and <see cref="Owner"/>.</summary>
public static class NodeMarks
{
    /// <summary>A bridge's alias begins with it; the hint for the next address follows.</summary>
    public const string Bridge = "twill bridge";

    /// <summary>Whether we made this bridge.</summary>
    public static bool IsBridge(Link link) => link.Alias.StartsWith(Bridge, StringComparison.Ordinal);

    /// <summary>Whether we made this tunnel.</summary>
    public static bool IsTunnel(Link link) => link.Alias == NodeStep.VxlanAlias;
}
