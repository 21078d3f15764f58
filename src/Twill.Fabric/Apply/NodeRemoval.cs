using Twill.Fabric.HostPorts;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Fabric.Services.Compile;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.Apply;

/// <summary>Takes away what an agent made on this node: what bears our mark, and nothing else. Pods stay, and what they stand on.</summary>
/// <remarks>In the caller's namespace. Each line is what an administrator would type; done twice it does nothing the second time.</remarks>
public static class NodeRemoval
{
    /// <param name="dryRun">Only tell.</param>
    /// <returns>What was removed, in order.</returns>
    /// <exception cref="Linux.Netlink.NetlinkException">The kernel refused a removal; those before it were made.</exception>
    public static IReadOnlyList<string> Run(RouteSocket host, NftSocket nft, bool dryRun)
    {
        var done = new List<string>();
        List<Link> links = host.Links();
        foreach (Route route in host.Routes(new RouteFilter(Protocol: ClusterPlan.TwillRouteProtocol)))
        {
            if (route.Table != RouteTable.Main) continue;
            done.Add($"ip route del {route.Destination} proto {ClusterPlan.TwillRouteProtocol.Value}");
            if (!dryRun) host.RemoveRoute(route.ToSpec());
        }

        foreach (Link tunnel in links.Where(l => l.Kind == "vxlan" && NodeMarks.IsTunnel(l)))
        {
            done.Add($"ip link del {tunnel.Name}");
            if (!dryRun) host.RemoveLink(tunnel.Index);
        }

        bool pods = links.Exists(l => l.Kind == "veth" && Identity.IsOurs(l.Alias));
        foreach (NftTable table in nft.Tables(NftFamily.Inet))
        {
            // The plugin's tables hold the masquerading of networks, and the ports of pods, that may still be there.
            bool plugins = table.Name == MasqueradePlan.Table.Name || table.Name == HostPortTable.Table.Name;
            if (table.Name != NodeTable.Table.Name && table.Name != ServiceTable.Table.Name && (!plugins || pods)) continue;
            done.Add($"nft delete table {table}");
            if (!dryRun) nft.RemoveTable(table);
        }

        foreach (Link bridge in links.Where(l => l.Kind == "bridge" && NodeMarks.IsBridge(l) && !links.Exists(p => p.Master == l.Index)))
        {
            done.Add($"ip link del {bridge.Name}");
            if (!dryRun) host.RemoveLink(bridge.Index);
        }

        return done;
    }

    /// <summary>Bridges of ours with something on them, each with how many ports it has: they stay.</summary>
    public static IReadOnlyList<(string Bridge, int Ports)> Standing(RouteSocket host)
    {
        List<Link> links = host.Links();
        return [.. links.Where(l => l.Kind == "bridge" && NodeMarks.IsBridge(l)).Select(b => (b.Name, links.Count(p => p.Master == b.Index))).Where(b => b.Item2 > 0)];
    }
}
