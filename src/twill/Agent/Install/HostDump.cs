using System.Globalization;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Agent.Install;

/// <summary>A node's network as lines that can be compared: links, addresses, routes, rules, nftables with its rules and sets, the sysctls that we touch.</summary>
/// <remarks>
/// In the caller's namespace. Left out is what changes by itself: indices, carriers, counters, neighbour caches, routes that the kernel
/// makes for addresses, and pods' interfaces, which come and go with their pods. Dynamic addresses (DHCP, router advertisements) are in it.
/// </remarks>
internal static class HostDump
{
    /// <summary>Of what we write, those that are the node's and not an interface's.</summary>
    internal static IReadOnlyList<string> Sysctls { get; } = ["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"];

    internal static IReadOnlyList<string> Read()
    {
        var lines = new List<string>();
        using RouteSocket socket = RouteSocket.Open();
        Dictionary<IfIndex, string> names = socket.Links().ToDictionary(l => l.Index, l => l.Name);
        lines.AddRange(socket.Links().Where(l => !Fabric.Model.Identity.IsOurs(l.Alias)).Select(l => string.Create(CultureInfo.InvariantCulture, $"link {l.Name} kind {OrDash(l.Kind)} mac {l.Mac?.ToString() ?? "-"} mtu {l.Mtu} {(l.IsUp ? "up" : "down")} master {(l.Master is { } m ? names.GetValueOrDefault(m, "?") : "-")} alias \"{l.Alias}\"")));
        lines.AddRange(socket.Addresses().Where(a => a.Scope != RouteScope.Link).Select(a => $"address {a.Address} dev {names.GetValueOrDefault(a.Dev, "?")}"));
        lines.AddRange(socket.Routes(default).Where(r => r.Table != RouteTable.Local && r.Protocol != RouteProtocol.Kernel).Select(r => $"route {r.Destination} via {r.Gateway?.ToString() ?? "-"} dev {(r.Dev is { } dev ? names.GetValueOrDefault(dev, "?") : "-")} table {r.Table} proto {r.Protocol}"));
        lines.AddRange(socket.Rules().Select(r => $"rule {r}"));
        using NftSocket nft = NftSocket.Open();
        lines.AddRange(NftDump.Read(nft));
        lines.AddRange(Sysctls.Select(key => $"sysctl {key} {Sysctl.Read(key)}"));
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    /// <returns>"- gone", "+ new" lines; empty: equal.</returns>
    internal static IReadOnlyList<string> Difference(IReadOnlyList<string> before, IReadOnlyList<string> after)
        => [.. before.Except(after).Select(l => $"- {l}"), .. after.Except(before).Select(l => $"+ {l}")];

    private static string OrDash(string text) => text.Length == 0 ? "-" : text;
}
