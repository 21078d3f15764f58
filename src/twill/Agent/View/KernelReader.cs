using Twill.Agent.Install;
using Twill.Fabric.Ipam;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Agent.View;

/// <summary>Reads a <see cref="KernelView"/> in the caller's namespace: three dumps, two tables, two sysctls, one directory. Writes nothing.</summary>
internal static class KernelReader
{
    /// <summary>Runtimes take these for configurations (libcni, ConfFiles).</summary>
    private static readonly string[] s_extensions = [".conf", ".conflist", ".json"];

    /// <exception cref="LinuxException">EPERM: not allowed to ask for nftables tables.</exception>
    internal static KernelView Read(string cniDirectory)
    {
        using RouteSocket socket = RouteSocket.Open();
        List<Link> links = socket.Links();
        List<IfAddress> addresses = socket.Addresses();
        Dictionary<IfIndex, Link> byIndex = links.ToDictionary(l => l.Index);
        List<PodUse> pods = [];
        List<string> unfinished = [], abandoned = [];
        List<IpAddress> claimed = [], leaked = [];
        foreach (Link link in links)
        {
            if (link.Kind != "veth" || !IsHostEnd(link.Name)) continue;
            claimed.AddRange(Claims(link));
            if (!HasOwner(link, out string container, out string ifName))
            {
                unfinished.Add(link.Name);
                if (IsAtWork(link)) continue;
                abandoned.Add(link.Name);
                leaked.AddRange(Claims(link));
            }
            else pods.Add(PodOf(link, container, ifName, link.Master is { } m ? byIndex.GetValueOrDefault(m)?.Name : null));
        }

        List<BridgeUse> bridges = [];
        List<SubnetUse> subnets = [];
        foreach (Link bridge in links.Where(l => l.Kind == "bridge" && NodeMarks.IsBridge(l)))
        {
            List<IpPrefix> own = [.. addresses.Where(a => a.Dev == bridge.Index && a.Scope != RouteScope.Link).Select(a => a.Address)];
            bridges.Add(new BridgeUse(bridge.Name, own, bridge.Mtu.Value, bridge.IsUp, links.Count(l => l.Master == bridge.Index)));
            subnets.AddRange(own.Where(a => a.Length < a.Address.Bits - 1).Select(a => UseOf(bridge.Name, a.Network, claimed, leaked)));
        }

        Link? tunnel = links.Find(l => l.Kind == "vxlan" && NodeMarks.IsTunnel(l));
        return new KernelView
        {
            Bridges = bridges,
            Pods = [.. pods.OrderBy(p => p.Pod, StringComparer.Ordinal)],
            Unfinished = unfinished,
            Abandoned = abandoned,
            Subnets = subnets,
            Routes = [.. socket.Routes(new RouteFilter(Protocol: ClusterPlan.TwillRouteProtocol)).Where(r => r.Table == RouteTable.Main).Select(r => RouteOf(r, byIndex, tunnel))],
            Tunnel = tunnel?.Name,
            TunnelMtu = tunnel?.Mtu.Value ?? 0,
            ForwardsV4 = Sysctl.Read("net/ipv4/ip_forward") == "1",
            ForwardsV6 = Sysctl.Read("net/ipv6/conf/all/forwarding") == "1",
            Tables = TablesOf(),
            Cni = FilesOf(cniDirectory),
        };
    }

    /// <summary>The configurations of a directory, in the order of their names by bytes, as libcni sorts them.</summary>
    internal static CniFiles FilesOf(string directory)
    {
        if (!Directory.Exists(directory)) return new CniFiles(directory, []);
        string[] files = [.. Directory.GetFiles(directory).Select(f => Path.GetFileName(f)!).Where(f => s_extensions.Contains(Path.GetExtension(f))).Order(StringComparer.Ordinal)];
        return new CniFiles(directory, files, files.FirstOrDefault(f => f == NodeConfiguration.FileName));
    }

    private static bool IsHostEnd(string name) => name.Length == LinkKey.MaxNameBytes && name.StartsWith(ClaimName.Prefix, StringComparison.Ordinal);

    private static IEnumerable<IpAddress> Claims(Link link)
    {
        string tag = link.Name[2..7];
        foreach (string name in link.AltNames.Prepend(link.Name))
        {
            if (ClaimName.TryParse(name, tag, out IpAddress address)) yield return address;
        }
    }

    private static bool HasOwner(Link link, out string container, out string ifName)
    {
        foreach (string name in link.AltNames)
        {
            if (!Owner.TryParseAltName(name, out ReadOnlySpan<char> key) || key.LastIndexOf(':') is not (> 0 and int at)) continue;
            (container, ifName) = (key[..at].ToString(), key[(at + 1)..].ToString());
            return true;
        }

        (container, ifName) = ("", "");
        return false;
    }

    /// <summary>Whether the ADD that made this host end still lives: it holds a mark under the owner's hardware address.</summary>
    private static bool IsAtWork(Link link)
    {
        if (link.Mac is not { } mac || LiveMark.TryHold(Owner.LiveMarkNameOf(mac)) is not { } mark) return true;
        mark.Dispose();
        return false;
    }

    private static PodUse PodOf(Link link, string container, string ifName, string? bridge)
    {
        Dictionary<string, string> words = link.Alias.Split(' ').Select(w => w.Split('=', 2)).Where(w => w.Length == 2).GroupBy(w => w[0]).ToDictionary(g => g.Key, g => g.First()[1]);
        return new PodUse(
            words.GetValueOrDefault("pod") ?? container,
            words.GetValueOrDefault("net") ?? "",
            ifName,
            link.Name,
            words.GetValueOrDefault("ip")?.Split(',') ?? [],
            bridge,
            link.IsUp,
            link.Mtu.Value,
            container);
    }

    private static SubnetUse UseOf(string bridge, IpPrefix subnet, List<IpAddress> claimed, List<IpAddress> leaked)
    {
        long used = claimed.Count(subnet.Contains);
        UInt128 usable = AddressRange.Create(subnet).CountUsable();
        long all = usable > long.MaxValue ? long.MaxValue : (long)usable;
        return new SubnetUse(bridge, subnet, used, Math.Max(0, all - used), leaked.Count(subnet.Contains));
    }

    private static RouteUse RouteOf(Route route, Dictionary<IfIndex, Link> links, Link? tunnel)
    {
        Link? device = route.Dev is { } dev ? links.GetValueOrDefault(dev) : null;
        return new RouteUse(route.Destination, route.Gateway, device?.Name ?? "?", tunnel is not null && route.Dev == tunnel.Index, device?.IsRunning ?? false);
    }

    private static List<string> TablesOf()
    {
        using NftSocket nft = NftSocket.Open();
        List<string> names = [];
        foreach (NftTable table in nft.Tables(NftFamily.Inet))
        {
            if (table.Name is "twill" || table.Name == NodeTable.Table.Name) names.Add(table.Name);
        }

        return names;
    }
}
