using System.Globalization;
using System.Text;
using Twill.Caller;
using Twill.Cni;
using Twill.Linux.Route;

namespace Twill.Cli;

/// <summary>What `twill cni` says, in the words of the lecture: bridge, veth pair, address, route.</summary>
internal static class CniCommandText
{
    /// <summary>Runs of a plugin that took longer are shown without decimals.</summary>
    private const int LongMs = 10;

    internal static string Attached(NetworkCaller caller, AttachmentRequest request, CniResult result, TimeSpan time)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{request} is attached to network {caller.Network.Name} (CNI {caller.Network.CniVersion}, {Milliseconds(time)})\n\n");
        using RouteSocket host = RouteSocket.Open();
        foreach (CniInterface link in result.Interfaces)
        {
            if (!string.IsNullOrEmpty(link.Sandbox)) Row(text, "inside", link.Name, Details(link, $"in {link.Sandbox}"));
            else Row(text, KindOf(host, link.Name, out string master), link.Name, Details(link, master));
        }

        foreach (CniIp ip in result.Ips) Row(text, "address", ip.Address.ToString(), ip.Gateway is { } gateway ? $"gateway {gateway}" : "");
        foreach (CniRoute route in result.Routes) Row(text, "route", RouteName(route), route.Gw is { } gw ? $"via {gw}" : "via the gateway of its family");
        if (!result.Dns.IsEmpty) Row(text, "dns", string.Join(' ', result.Dns.Nameservers), string.Join(' ', result.Dns.Search));
        Row(text, "called", Times(caller), "");
        return text.ToString();
    }

    /// <summary>"twill 3.1 ms, portmap 12 ms".</summary>
    internal static string Times(NetworkCaller caller) => string.Join(", ", caller.Calls.Select(c => $"{c.Type} {Milliseconds(c.Time)}"));

    internal static string GarbagePlan(NetworkCaller caller, IReadOnlyList<CniAttachment> valid, IReadOnlyList<CniAttachment> gone)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"network {caller.Network.Name}, CNI {caller.Network.CniVersion}\n\n");
        if (valid.Count == 0) Row(text, "living", "none", "");
        foreach (CniAttachment one in valid) Row(text, "living", $"{one.ContainerId}:{one.IfName}", "");
        foreach (CniAttachment one in gone) Row(text, "gone", $"{one.ContainerId}:{one.IfName}", "would get a DEL");
        Row(text, "then", caller.Network.Allows(CniVerb.Gc) ? $"GC of {string.Join(", ", caller.Network.Plugins.Select(p => p.Type))}" : "no GC: it came with 1.1.0", "");
        return text.ToString();
    }

    internal static string Collected(NetworkCaller caller, IReadOnlyList<CniAttachment> valid, IReadOnlyList<CniAttachment> deleted, bool collected)
    {
        string detached = deleted.Count == 0 ? "none was stale in the cache" : $"{deleted.Count} stale detached: {string.Join(", ", deleted.Select(d => $"{d.ContainerId}:{d.IfName}"))}";
        return $"network {caller.Network.Name}: {valid.Count} living; {detached}; {(collected ? "each plugin was told to collect" : $"no GC in CNI {caller.Network.CniVersion}")}{(caller.Calls.Count > 0 ? $" ({Times(caller)})" : "")}\n";
    }

    private static string Details(CniInterface link, string where)
    {
        var parts = new List<string>();
        if (where.Length > 0) parts.Add(where);
        if (link.Mac is { } mac) parts.Add($"MAC {mac}");
        if (link.Mtu is { } mtu) parts.Add($"MTU {mtu}");
        return string.Join(", ", parts);
    }

    /// <summary>The result does not say what a link of the host is; the kernel does.</summary>
    private static string KindOf(RouteSocket host, string name, out string where)
    {
        where = "";
        if (!host.TryGetLink(name, out Link? link)) return "link";
        if (link.Master is { } index && host.TryGetLink(index, out Link? master)) where = $"in {master.Name}";
        return link.Kind.Length > 0 ? link.Kind : "link";
    }

    private static string RouteName(CniRoute route) => route.Dst.PrefixLength == 0 ? $"default ({route.Dst})" : route.Dst.ToString();

    private static void Row(StringBuilder text, string what, string name, string details)
        => text.Append(CultureInfo.InvariantCulture, $"  {what,-8} {(details.Length > 0 ? $"{name,-22} {details}" : name)}\n");

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds < LongMs
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms");
}
