using Twill.Fabric.Apply;
using Twill.Fabric.Model;
using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Fabric.HostPorts;

/// <summary>What host ports need of the pods' bridge. Only of one that we made; another's is left as it is.</summary>
/// <remarks>
/// An answer between two pods of one bridge never reaches the node's IP layer, so the bridge hands its packets to the inet hooks
/// (nf_call_iptables); as services need it, see docs/services.md. A connection from 127.0.0.1 leaves by the bridge only with the bridge's
/// own route_localnet; the table's guard is there before that is on.
/// </remarks>
internal static class HostPortBridge
{
    /// <summary>A bridge with this alternative name has, or had, pods with ports: each ADD on it makes sure that nothing is translated to its address.</summary>
    /// <remarks>Never taken away: whoever wants to know reads the bridge anyway, and a mark that comes and goes would need a lock.</remarks>
    internal static string MarkOf(string bridge) => $"twill-ports:{bridge}";

    /// <summary>Whether stale ports may exist for pods of this bridge. Another's bridge bears no mark of ours, so there they always may.</summary>
    internal static bool MayHavePorts(Link? bridge) => bridge is null || !NodeMarks.IsBridge(bridge) || bridge.AltNames.Contains(MarkOf(bridge.Name));

    /// <summary>Before the first element is written.</summary>
    /// <returns>Whether the bridge is ours.</returns>
    internal static bool Prepare(RouteSocket host, Link bridge)
    {
        if (!NodeMarks.IsBridge(bridge)) return false;
        if (!bridge.AltNames.Contains(MarkOf(bridge.Name)))
        {
            NetlinkBatch batch = host.Netlink.NewBatch();
            LinkRequests.AddAltName(batch, bridge.Index, MarkOf(bridge.Name));
            NetlinkOutcome outcome = host.Netlink.Execute(batch);
            if (outcome.Errno != Errno.EEXIST) outcome.ThrowIfFailed($"cannot mark bridge {bridge.Name}");
        }

        if (bridge.Bridge is { NfCallIptables: true, NfCallIp6tables: true }) return true;
        host.SetBridge(new BridgeSpec { Name = bridge.Name, NfCallIptables = true, NfCallIp6tables = true });
        return true;
    }

    /// <summary>After the guard stands. Where /proc/sys is read-only the ports do without 127.0.0.1.</summary>
    internal static void OpenLoopback(string bridge)
    {
        string key = $"net/ipv4/conf/{bridge}/route_localnet";
        if (Sysctl.Read(key) != "1") _ = Sysctl.TryWrite(key, "1");
    }

    /// <summary>Puts back what a bridge that was made anew, or somebody else, lost of it: of the pods that hold ports now.</summary>
    internal static void Restore(RouteSocket host, IReadOnlyCollection<Link> holders)
    {
        var seen = new HashSet<IfIndex>();
        foreach (Link holder in holders)
        {
            if (holder.Master is not { } master) continue;
            if (holder.BridgePort is { Hairpin: false })
            {
                NetlinkBatch batch = host.Netlink.NewBatch();
                LinkRequests.SetBridgePort(batch, holder.Index, new BridgePortFlags { Hairpin = true });
                _ = host.Netlink.Execute(batch); // ENODEV: the pod has just gone
            }

            if (seen.Add(master) && host.FindLink(master) is { } bridge && Prepare(host, bridge)) OpenLoopback(bridge.Name);
        }
    }
}
