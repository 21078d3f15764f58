using Twill.Fabric.Apply;
using Twill.Fabric.HostPorts;
using Twill.Fabric.Model;
using Twill.Linux.Netlink;
using Twill.Linux.Route;

namespace Twill.Fabric.Services.Apply;

/// <summary>What services need of the pods' bridge. Only of one that we made; another's is left as it is.</summary>
/// <remarks>
/// An answer between two pods of one bridge never reaches the node's IP layer, so the bridge itself must hand its packets to the inet hooks
/// (nf_call_iptables). Then a packet whose new destination is on the bridge is bridged, not routed: if that is the pod that sent it, the
/// port must let it leave where it came in (hairpin). Source: br_nf_pre_routing_finish, net/bridge/br_netfilter_hooks.c.
/// </remarks>
internal sealed class ServiceBridge(BridgeSettings settings, RouteSocket host)
{
    /// <summary>Ports in one send.</summary>
    private const int MaxBatch = 100;

    /// <summary>Like: ip link set twill0 type bridge nf_call_iptables 1 nf_call_ip6tables 1; bridge link set dev PORT hairpin on.</summary>
    /// <param name="ports">Look at the ports, too; else only if the switch was off.</param>
    /// <returns>Whether something was to be written.</returns>
    internal bool Ensure(bool ports)
    {
        if (Find() is not { } bridge) return false;
        bool switched = Switch(bridge, on: true);
        return ((ports || switched) && Hairpin(bridge, on: true)) || switched;
    }

    internal void Release()
    {
        if (Find() is not { } bridge || HostPortBridge.MayHavePorts(bridge)) return; // host ports need the same
        Switch(bridge, on: false);
        if (!settings.Hairpin) Hairpin(bridge, on: false);
    }

    private Link? Find() => host.FindLink(settings.Name) is { Bridge: not null } link && NodeMarks.IsBridge(link) ? link : null;

    private bool Switch(Link bridge, bool on)
    {
        if (bridge.Bridge is { } now && now.NfCallIptables == on && now.NfCallIp6tables == on) return false;
        host.SetBridge(new BridgeSpec { Name = settings.Name, NfCallIptables = on, NfCallIp6tables = on });
        return true;
    }

    /// <summary>A port that goes meanwhile takes its batch along; its notification brings us back.</summary>
    private bool Hairpin(Link bridge, bool on)
    {
        List<Link> ports = host.Links(new LinkFilter(Master: bridge.Index)).FindAll(l => l.BridgePort is { } port && port.Hairpin != on);
        for (int i = 0; i < ports.Count; i += MaxBatch)
        {
            NetlinkBatch batch = host.Netlink.NewBatch();
            foreach (Link port in ports.GetRange(i, Math.Min(MaxBatch, ports.Count - i))) LinkRequests.SetBridgePort(batch, port.Index, new BridgePortFlags { Hairpin = on });
            NetlinkOutcome outcome = host.Netlink.Execute(batch);
            if (outcome.Errno is not (Linux.Sys.Errno.ENODEV or Linux.Sys.Errno.EINVAL)) outcome.ThrowIfFailed($"cannot set hairpin on the ports of bridge {settings.Name}");
        }

        return ports.Count > 0;
    }
}
