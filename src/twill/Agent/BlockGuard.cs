using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Agent;

/// <summary>Whether a node's pods have addresses of the block that the node is said to have: an agent that starts anew has no other memory than the kernel.</summary>
internal static class BlockGuard
{
    /// <summary>Pods named in a refusal; of more only the number is told.</summary>
    private const int MaxNamed = 3;

    /// <param name="links">All of this node.</param>
    /// <param name="network">The CNI network's name.</param>
    /// <param name="blocks">What the source says now.</param>
    /// <returns>Null: they agree. Else why the block is refused.</returns>
    internal static string? WhyNot(IEnumerable<Link> links, string network, string node, IReadOnlyList<IpPrefix> blocks)
    {
        string tag = ClaimName.Tag(network);
        var strays = new List<IpAddress>();
        foreach (Link link in links)
        {
            if (!ClaimName.IsHostEnd(link.Name, tag)) continue;
            foreach (string name in link.AltNames.Prepend(link.Name))
            {
                if (ClaimName.TryParse(name, tag, out IpAddress address) && !blocks.Any(b => b.Contains(address)) && blocks.Any(b => b.IsV6 == address.IsV6)) strays.Add(address);
            }
        }

        if (strays.Count == 0) return null;
        string named = string.Join(", ", strays.Take(MaxNamed));
        return $"node {node} is said to have the block {string.Join(", ", blocks)} now, but {strays.Count} of its pods' addresses are of another one ({named}{(strays.Count > MaxNamed ? ", ..." : "")}): nothing is changed, and those pods keep working; give the node its old block back, or drain it first";
    }
}
