using Twill.Linux.Conntrack;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.HostPorts;

/// <summary>Connections that the kernel remembers would go on as they began: to an address that another pod gets, or past a new port.</summary>
/// <remarks>One dump of all connections, linear in their number; only for pods with ports.</remarks>
internal static class HostPortFlows
{
    /// <summary>Forgets what is translated to these addresses.</summary>
    /// <remarks>
    /// A packet that was between its look-up and the end of its walk while the element went may still make a flow behind our back: that is
    /// microseconds after the element, and the deletion of a pod's interface, or the reading of all flows, takes longer.
    /// </remarks>
    internal static void ForgetTargets(HashSet<IpAddress> targets) => Forget(null, f => targets.Contains(f.Reply.Source) && f.Original.Target != f.Reply.Source);

    /// <summary>Forgets UDP flows that reached the node itself by a port that is now the pod's: a sender that never pauses would never meet the map.</summary>
    internal static void ForgetUntranslated(RouteSocket host, IReadOnlyList<HostPortEntry> entries)
    {
        var ports = new HashSet<ushort>();
        foreach (HostPortEntry entry in entries)
        {
            if (entry.Protocol == Nft.UdpProtocol) ports.Add(entry.Port);
        }

        if (ports.Count == 0) return;
        var own = new HashSet<IpAddress>();
        foreach (IfAddress address in host.Addresses()) own.Add(address.Address.Address);
        Forget(Nft.UdpProtocol, f => ports.Contains(f.Original.TargetPort) && f.Reply.Source == f.Original.Target && own.Contains(f.Original.Target));
    }

    private static void Forget(byte? protocol, Predicate<ConntrackFlow> isStale)
    {
        using ConntrackSocket conntrack = ConntrackSocket.Open();
        var stale = new List<ConntrackFlow>();
        foreach (ConntrackFlow flow in conntrack.Flows(protocol))
        {
            if (isStale(flow)) stale.Add(flow);
        }

        conntrack.Remove(stale);
    }
}
