using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Fabric.Apply;

/// <summary>Sees to it that a network's bridge is there: made once, found a thousand times, shared by ADDs that race.</summary>
/// <remarks>
/// A bridge that somebody else made is used as it is and never marked. The alias of one of ours ends in the address last given out:
/// addresses go round, so a released one rests as long as the range allows; losing the hint costs nothing but that rest.
/// </remarks>
internal static class BridgeKeeper
{
    /// <summary>RFC 8200, section 5.</summary>
    private const int MinMtuV6 = 1280;

    /// <summary>A race makes us look again: whoever made or deleted the bridge in between did so at most this often.</summary>
    private const int MaxLooks = 8;

    /// <exception cref="FabricException">The name belongs to something else; or the bridge has another address and forceAddress is off.</exception>
    internal static BridgeState Ensure(RouteSocket host, NetworkSettings network, IReadOnlyList<PodAddress> gateways)
    {
        BridgeSettings settings = network.Bridge;
        for (int look = 0; look < MaxLooks; look++)
        {
            Link? link = host.FindLink(settings.Name);
            if (link is null)
            {
                Create(host, network, gateways);
                continue;
            }

            if (link.Kind != "bridge") throw new FabricException(FabricFault.Foreign, $"interface {settings.Name} is not a bridge but {(link.Kind.Length == 0 ? "a device" : $"of kind {link.Kind}")}; name another in \"bridge\", or rename that interface");
            if (!link.IsUp && !Raise(host, link.Index, settings)) continue;
            if (settings.Promiscuous && (link.Flags & LinkFlags.Promiscuous) == 0) host.SetPromiscuous(link.Index, on: true);
            if (settings.IsGateway) EnsureGateways(host, link.Index, settings, gateways);

            // A kill right after the bridge was made leaves it without its mark: the address we give says as well whose it is.
            bool ours = NodeMarks.IsBridge(link) || (link.Alias.Length == 0 && link.Mac == BridgePlan.MacOf(settings, gateways));
            return new BridgeState(link.Index, link.Mac ?? default, link.Mtu.Value, ours ? BridgePlan.HintOf(link.Alias) : null, ours, link.GsoMaxSize);
        }

        throw new FabricException(FabricFault.Busy, $"bridge {settings.Name} was made and deleted {MaxLooks} times while we looked; something fights over it");
    }

    /// <summary>Makes the bridge, still down: <see cref="Raise"/> completes it, so a kill in between is completed by the next ADD.</summary>
    private static void Create(RouteSocket host, NetworkSettings network, IReadOnlyList<PodAddress> gateways)
    {
        var plan = BridgePlan.For(network, gateways, network.Bridge.Mtu ?? UnderlayChoice.DefaultMtu(host));
        var spec = new BridgeSpec { Name = plan.Name, Mac = plan.Mac, Mtu = new Mtu(plan.Mtu) };
        NetlinkBatch batch = host.Netlink.NewBatch();
        LinkRequests.CreateBridge(batch, spec);
        NetlinkOutcome outcome = host.Netlink.Execute(batch);
        if (outcome.Errno == Errno.EEXIST) return;
        if (outcome.Errno == Errno.EOPNOTSUPP) throw new FabricException(FabricFault.Configuration, $"cannot make bridge {plan.Name}: this kernel has no bridges (module bridge is missing): modprobe bridge");
        outcome.ThrowIfFailed($"cannot make bridge {plan.Name}");

        // The MTU of the creation would follow the ports'; one that is set stays.
        batch = host.Netlink.NewBatch();
        LinkRequests.SetMtu(batch, plan.Name, spec.Mtu!.Value);
        LinkRequests.SetAlias(batch, plan.Name, BridgePlan.Mark);
        outcome = host.Netlink.Execute(batch);
        if (outcome.Errno != Errno.ENODEV) outcome.ThrowIfFailed($"cannot mark bridge {plan.Name}");
    }

    /// <summary>Up, after its doors are shut: no pod may tell the node its routes (CVE-2020-10749).</summary>
    /// <returns>False: it was deleted meanwhile.</returns>
    private static bool Raise(RouteSocket host, IfIndex index, BridgeSettings settings)
    {
        _ = Sysctl.TryWrite($"net/ipv6/conf/{settings.Name}/accept_ra", "0");
        _ = Sysctl.TryWrite($"net/ipv6/conf/{settings.Name}/autoconf", "0");
        NetlinkBatch batch = host.Netlink.NewBatch();
        LinkRequests.SetUp(batch, index);
        NetlinkOutcome outcome = host.Netlink.Execute(batch);
        if (outcome.Errno == Errno.ENODEV) return false;
        outcome.ThrowIfFailed($"cannot bring bridge {settings.Name} up");
        return true;
    }

    private static void EnsureGateways(RouteSocket host, IfIndex index, BridgeSettings settings, IReadOnlyList<PodAddress> gateways)
    {
        List<IpPrefix> present = host.Addresses(index).ConvertAll(a => a.Address);
        foreach (PodAddress address in gateways)
        {
            if (address.Gateway is not { } gateway) continue;
            if (gateway.IsV6 && settings.Mtu < MinMtuV6) throw new FabricException(FabricFault.Configuration, $"\"mtu\" {settings.Mtu} is less than the {MinMtuV6} bytes that IPv6 needs, and network gateway {gateway} is IPv6");
            var wanted = new IpPrefix(gateway, address.Address.Length);
            Sysctl.Ensure(wanted.IsV6 ? "net/ipv6/conf/all/forwarding" : "net/ipv4/ip_forward", "1");
            if (present.Contains(wanted)) continue;
            foreach (IpPrefix other in present)
            {
                // IPv6 bridges may carry addresses of several subnets, IPv4 bridges one: the reference plugin's rule.
                if (other.IsV6 != wanted.IsV6 || IsLinkLocal(other) || (other.IsV6 && !other.Overlaps(wanted))) continue;
                if (!settings.ForceAddress) throw new FabricException(FabricFault.Configuration, $"bridge {settings.Name} has the address {other}, the network wants {wanted}; name another bridge, remove it (ip addr del {other} dev {settings.Name}), or set \"forceAddress\"");
                host.RemoveAddress(index, other);
            }

            host.TryAddAddress(index, wanted, wanted.IsV6 ? AddressFlags.NoDad : AddressFlags.None);
        }
    }

    private static bool IsLinkLocal(IpPrefix prefix) => prefix.IsV6 && (prefix.Address.Value >> 118) == 0x3fa; // fe80::/10
}
