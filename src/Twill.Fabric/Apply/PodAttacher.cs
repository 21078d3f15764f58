using Twill.Fabric.HostPorts;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Fabric.Apply;

/// <summary>ADD: a pod gets its interface, addresses and routes, or nothing at all.</summary>
/// <remarks>
/// Grows with nothing: the same handful of messages with 0 or 4,000 pods present. Order, for a kill at any point: the pair first,
/// whose name claims the address and whose hardware address says for whom; everything else hangs on it; the owner last. What has no
/// owner is unfinished, and the next ADD or DEL of the container, any ADD that needs the address, or GC takes it away.
/// </remarks>
public sealed partial class PodAttacher(RouteSocket host)
{
    /// <summary>A refused name is explained at most this often before we give up: each time somebody else won or left a race.</summary>
    private const int MaxRaces = 64;

    /// <exception cref="FabricException">See <see cref="FabricFault"/>; nothing is left behind.</exception>
    /// <exception cref="NetlinkException">The kernel refused; nothing is left behind.</exception>
    public PodAttachment Attach(NetworkSettings network, PodRequest request)
    {
        using Descriptor live = Mark(request.Owner);

        // What can be refused without the kernel is refused before anything is made.
        IpAddress?[] wished = network.Pool?.Assign(request.RequestedAddresses) ?? [];
        BridgeState bridge = BridgeKeeper.Ensure(host, network, GatewaysOf(network, request));
        Claim claim = network.Pool is { } pool ? ClaimAddresses(network, request, bridge, pool, wished) : ClaimWithoutPool(network, request, bridge);
        try
        {
            PodPlan plan = PodPlan.For(network, request, claim.Addresses, claim.Mtu);
            if (ConfigureHostEnd(plan, claim, bridge)) HostPortApply.Vacate(host, plan.Addresses);
            if (request.Bandwidth is { } bandwidth) Shaping.Apply(host, plan, claim.Host, bandwidth, bridge.LastAddress);
            ConfigurePod(plan, request, claim);
            if (network.Masquerade) Masquerade.Ensure(network, plan.Addresses);
            if (plan.HasPorts) HostPortApply.Publish(host, plan, claim.Host, claim.HostName);
            Commit(plan, claim, bridge);
            return new PodAttachment
            {
                BridgeName = network.Bridge.Name,
                BridgeMac = bridge.Mac,
                BridgeMtu = bridge.Mtu,
                HostName = claim.HostName,
                HostMac = request.Owner.HostMac,
                PodMac = plan.PodMac,
                Mtu = plan.Mtu,
                Addresses = plan.Addresses,
                Routes = plan.Routes,
            };
        }
        catch
        {
            PodDetacher.Undo(host, claim.Host, claim.HostName, request.Owner.HostMac);
            if (request.HostPorts.Count > 0) HostPortApply.Withdraw([claim.Host]);
            throw;
        }
    }

    /// <summary>Only claims addresses, for another plugin to configure: a pair that stays down and is no port of any bridge.</summary>
    /// <inheritdoc cref="Attach" path="/exception"/>
    public IReadOnlyList<PodAddress> Reserve(NetworkSettings network, PodRequest request)
    {
        using Descriptor live = Mark(request.Owner);
        if (network.Pool is not { } pool) throw new FabricException(FabricFault.Configuration, $"network {network.Name} has no range to give an address from: configure \"ipam\"");
        Claim claim = ClaimAddresses(network, request, null, pool, pool.Assign(request.RequestedAddresses));
        try
        {
            HostPortApply.Vacate(host, claim.Addresses);
            Commit(PodPlan.For(network, request, claim.Addresses, claim.Mtu), claim, null);
            return claim.Addresses;
        }
        catch
        {
            PodDetacher.Undo(host, claim.Host, claim.HostName, request.Owner.HostMac);
            throw;
        }
    }

    /// <summary>Refuses what <see cref="Attach"/> would refuse because the interface or the attachment is there already; for who must know before asking others.</summary>
    /// <exception cref="FabricException">InterfaceTaken; or Busy: another ADD of this owner is at work.</exception>
    public void RequireUnattached(PodRequest request)
    {
        using Descriptor live = Mark(request.Owner);
        if (host.FindLink(request.Owner.AltName) is { } other) throw AttachedAlready(request.Owner, other);
        _ = ExplainInside(request);
    }

    private static FabricException AttachedAlready(Owner owner, Link? other)
        => new(FabricFault.InterfaceTaken, $"{owner} is attached already, by {other?.Name ?? "an interface that has just gone"} ({other?.Alias}); DEL it first");

    private static Descriptor Mark(Owner owner) => LiveMark.TryHold(owner.LiveMarkName) ?? throw new FabricException(FabricFault.Busy, $"another ADD of {owner} is at work on this node; wait for it");

    /// <summary>The pair exists: its address is ours. All that follows hangs on it.</summary>
    private readonly record struct Claim(IfIndex Host, IfIndex Pod, string HostName, int Mtu, IReadOnlyList<PodAddress> Addresses);

    /// <summary>One gateway for each subnet that the bridge must serve; the pool's first ranges decide before an address is chosen.</summary>
    private static IReadOnlyList<PodAddress> GatewaysOf(NetworkSettings network, PodRequest request) => network.Pool?.Gateways ?? request.GivenAddresses;

    /// <summary>Things the host end has from the start of its life, before the pod can send; and its identity.</summary>
    /// <returns>Whether pods of this bridge may have had ports of the node: asked after the claim, so that none could come and go in between.</returns>
    private bool ConfigureHostEnd(PodPlan plan, in Claim claim, in BridgeState bridge)
    {
        BridgeSettings settings = plan.Network.Bridge;
        NetlinkBatch batch = host.Netlink.NewBatch();
        LinkRequests.Get(batch, bridge.Index);

        // Without this the kernel gives the port an IPv6 link-local address, joins groups and sends from it.
        LinkRequests.SetAddrGenMode(batch, claim.Host, AddrGenMode.None, plan.Alias);

        // Not before: a bridge that never had a port refuses it.
        if (bridge.IsOurs && settings.GsoMaxSize is { } gso && gso != bridge.GsoMaxSize) LinkRequests.SetGsoMaxSize(batch, bridge.Index, gso);
        if (plan.Hairpin || settings.PortIsolation || settings.MacSpoofCheck)
        {
            LinkRequests.SetBridgePort(batch, claim.Host, new BridgePortFlags
            {
                Hairpin = plan.Hairpin ? true : null,
                Isolated = settings.PortIsolation ? true : null,
                Locked = settings.MacSpoofCheck ? true : null,
                Learning = settings.MacSpoofCheck ? false : null,
            });
        }

        // The port is locked: only a source the bridge was told of may send. It lives and dies with the port, no rule is left over.
        if (settings.MacSpoofCheck) NeighbourRequests.ReplaceFdb(batch, new FdbSpec { Dev = claim.Host, Mac = plan.PodMac, Flags = NeighbourFlags.Master, State = NeighbourState.NoArp });
        var now = default(OneLink);
        NetlinkOutcome outcome = host.Netlink.Execute(batch, ref now);
        if (settings.MacSpoofCheck && outcome.Errno is Errno.EOPNOTSUPP or Errno.EINVAL) throw new FabricException(FabricFault.Configuration, $"\"macspoofchk\" needs locked bridge ports, which this kernel has not (Linux 5.18): {outcome.Errno.Name}");
        outcome.ThrowIfFailed($"cannot configure {claim.HostName} as a port of bridge {settings.Name}");
        return HostPortBridge.MayHavePorts(now.Link);
    }

    /// <summary>Everything inside the pod, in one send.</summary>
    private static void ConfigurePod(PodPlan plan, PodRequest request, in Claim claim)
    {
        using RouteSocket pod = RouteSocket.Open(request.Namespace);
        NetlinkOutcome outcome = pod.Netlink.Execute(WritePod(pod.Netlink.NewBatch(), plan, claim));
        if (outcome.Errno is Errno.EACCES or Errno.EPERM && HasV6(plan.Addresses))
        {
            // IPv6 is switched off in this namespace: switched on for this interface alone, then once more. Addresses and routes are replaced.
            string key = $"net/ipv6/conf/{plan.Owner.IfName}/disable_ipv6";
            request.Namespace.Run(() => Sysctl.TryWrite(key, "0"));
            outcome = pod.Netlink.Execute(WritePod(pod.Netlink.NewBatch(), plan, claim));
        }

        if (!outcome.Ok) throw new NetlinkException($"cannot configure {plan.Owner.IfName} in {request.Namespace.Name} ({Describe(plan, outcome.Index)})", outcome);
        if (plan.Network.Bridge.DuplicateAddressDetection && HasV6(plan.Addresses) && plan.Network.PodInterfaceUp) SettledAddresses.Await(request.Namespace, pod, claim.Pod, plan.Owner.IfName);
    }

    private static NetlinkBatch WritePod(NetlinkBatch batch, PodPlan plan, in Claim claim)
    {
        LinkRequests.SetUp(batch, IfIndex.Loopback);
        foreach (PodAddress address in plan.Addresses) AddressRequests.Replace(batch, AddressOf(plan, claim, address));
        if (!plan.Network.PodInterfaceUp) return batch;
        LinkRequests.SetUp(batch, claim.Pod);
        foreach (PodRoute route in plan.Routes) RouteRequests.Replace(batch, PodRoutes.ToSpec(route, claim.Pod));
        return batch;
    }

    private static AddressSpec AddressOf(PodPlan plan, in Claim claim, PodAddress address) => new()
    {
        Dev = claim.Pod,
        Address = address.Address,
        Broadcast = address.Address.IsV6 || address.Address.Length > 30 ? null : address.Address.Last,
        Flags = address.Address.IsV6 && !plan.Network.Bridge.DuplicateAddressDetection ? AddressFlags.NoDad : AddressFlags.None,
    };

    /// <summary>Which line of <see cref="WritePod"/> a refusal belongs to.</summary>
    private static string Describe(PodPlan plan, int index)
    {
        if (index == 0) return "ip link set lo up";
        if (index <= plan.Addresses.Count) return $"ip addr add {plan.Addresses[index - 1].Address}";
        int route = index - plan.Addresses.Count - 2;
        if (route < 0) return "ip link set up";
        PodRoute r = plan.Routes[route];
        return $"ip route add {r.Destination}{(r.Gateway is { } g ? $" via {g}" : "")}";
    }

    /// <summary>Hint, and last of all the owner: from here on the attachment is finished.</summary>
    private void Commit(PodPlan plan, in Claim claim, BridgeState? bridge)
    {
        NetlinkBatch batch = host.Netlink.NewBatch();
        if (bridge is { IsOurs: true } ours && plan.LastAddress is { } last) LinkRequests.SetAlias(batch, ours.Index, BridgePlan.AliasAfter(last));
        if (bridge is null) LinkRequests.SetAlias(batch, claim.Host, plan.Alias); // a port has it from ConfigureHostEnd
        LinkRequests.AddAltName(batch, claim.Host, plan.Owner.AltName);
        NetlinkOutcome outcome = host.Netlink.Execute(batch);
        if (outcome.Errno == Errno.ENODEV) throw new FabricException(FabricFault.Busy, $"{claim.HostName}, or its bridge, was deleted while {plan.Owner} was being attached, by a DEL or GC at the same time");
        if (outcome.Errno == Errno.EEXIST) throw AttachedAlready(plan.Owner, host.FindLink(plan.Owner.AltName));
        outcome.ThrowIfFailed($"cannot write the owner of {claim.HostName}");
    }

    private static bool HasV6(IReadOnlyList<PodAddress> addresses)
    {
        foreach (PodAddress address in addresses)
        {
            if (address.Address.IsV6) return true;
        }

        return false;
    }
}
