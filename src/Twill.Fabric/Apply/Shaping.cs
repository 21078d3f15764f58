using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Twill.Linux.Tc;

namespace Twill.Fabric.Apply;

/// <summary>Bandwidth of a pod: a token bucket on the host end for what it receives, one on an ifb device for what it sends.</summary>
/// <remarks>
/// Queue and filter of the host end live and die with it. The ifb device does not: it bears the owner's name from the send that
/// makes it, so DEL and GC find it. Where a namespace vanishes without DEL the device stays behind, empty, until a shaped ADD
/// of the network that finds the one before it gone, or one ADD in 128, the next DEL that has to look around, or GC takes it away; it holds no address. Source: the reference bandwidth plugin does the same with 25 ms of latency.
/// </remarks>
internal static class Shaping
{
    private const uint LatencyUs = 25_000;

    /// <summary>A name that is taken by a forgotten device is freed and taken again, at most this often.</summary>
    private const int MaxTries = 3;

    /// <summary>One ADD in so many, chosen by its owner's hash, looks for forgotten devices anyway: the kernel lists all devices of the kind for it.</summary>
    /// <remarks>Each ADD looking cost 0.1 ms on an empty node and 3 ms with 300 shaped pods; one in 128 stays out of the slowest hundredth.</remarks>
    private const int SweepOneIn = 128;

    /// <summary>Devices that such an ADD looks at: twice as many as can have been forgotten since the last one.</summary>
    private const int MaxLooked = 2 * SweepOneIn;

    /// <param name="previous">The address given out before this one; null: not known.</param>
    internal static void Apply(RouteSocket host, PodPlan plan, IfIndex hostEnd, Bandwidth bandwidth, IpAddress? previous)
    {
        if (RaisesHostEnd(bandwidth)) Explain(host.Netlink.Execute(QueueThenUp(host.Netlink.NewBatch(), hostEnd, bandwidth.IngressRate, bandwidth.IngressBurst)), "to", plan);
        if (bandwidth.EgressRate == 0) return;

        IfIndex ifb = MakeIfb(host, plan, hostEnd);
        if (IsForgotten(host, plan.Network.Tag, previous) || LooksAround(plan.Owner)) SweepSome(host, plan.Network.Tag, ClaimName.IfbOf(plan.HostName));
        NetlinkBatch batch = host.Netlink.NewBatch();

        // As the host end: no IPv6 address of its own, no groups joined, nothing sent.
        LinkRequests.SetAddrGenMode(batch, ifb, AddrGenMode.None);
        QueueThenUp(batch, ifb, bandwidth.EgressRate, bandwidth.EgressBurst);
        QdiscRequests.AddIngress(batch, hostEnd);
        FilterRequests.AddRedirectU32(batch, hostEnd, TcHandle.IngressFilters, ifb);
        Explain(host.Netlink.Execute(batch), "from", plan);
    }

    /// <summary>Whether the host end is made down and comes up here, behind its queue.</summary>
    internal static bool RaisesHostEnd(Bandwidth? bandwidth) => bandwidth is { IngressRate: > 0 };

    /// <summary>Whether this owner's ADD is the one in <see cref="SweepOneIn"/>.</summary>
    internal static bool LooksAround(Owner owner) => Hash64.Of(owner.Key) % SweepOneIn == 0;

    /// <summary>That the queues are there with their rates.</summary>
    /// <exception cref="FabricException">One is missing or has another rate.</exception>
    internal static void Check(RouteSocket host, Link hostEnd, Bandwidth bandwidth)
    {
        if (bandwidth.IngressRate > 0) CheckQueue(host, hostEnd, bandwidth.IngressRate, "to");
        if (bandwidth.EgressRate == 0) return;
        string name = ClaimName.IfbOf(hostEnd.Name);
        Link ifb = host.FindLink(name) ?? throw new FabricException(FabricFault.Drift, $"{name}, which shapes what the pod sends, is gone: attach the pod again");
        CheckQueue(host, ifb, bandwidth.EgressRate, "from");
        if (!host.Filters(hostEnd.Index, TcHandle.IngressFilters).Exists(f => f.RedirectTo == ifb.Index)) throw new FabricException(FabricFault.Drift, $"{hostEnd.Name} no longer hands what the pod sends to {name}: attach the pod again");
    }

    private static IfIndex MakeIfb(RouteSocket host, PodPlan plan, IfIndex hostEnd)
    {
        string name = ClaimName.IfbOf(plan.HostName);
        for (int attempt = 0; attempt < MaxTries; attempt++)
        {
            // Born with the owner's hash as its hardware address, so that a kill before the next message loses nothing. The name is
            // written by index: by name it would stick to another's device if ours was refused.
            NetlinkBatch batch = host.Netlink.NewBatch();
            LinkRequests.CreateIfb(batch, name, new Mtu(plan.Mtu), up: false, mac: plan.Owner.HostMac, echo: true);
            var echo = default(OneLink);
            NetlinkOutcome outcome = host.Netlink.Execute(batch, ref echo);
            if (outcome.Ok)
            {
                // Kernels before 6.2 do not echo.
                if ((echo.Link ?? host.FindLink(name)) is not { } made || made.Mac != plan.Owner.HostMac) throw new FabricException(FabricFault.Busy, $"{name} was deleted while {plan.Owner} was being attached");
                if (host.TryAddAltName(made.Index, plan.Owner.IfbAltName)) return made.Index;
                host.RemoveLink(made.Index);
            }

            if (outcome.Errno == Errno.EOPNOTSUPP && outcome.Index == 0) throw new FabricException(FabricFault.Configuration, "capability \"bandwidth\" with an egress rate needs ifb devices, which this kernel has not (module ifb): modprobe ifb");
            if (outcome.Errno is not (Errno.EEXIST or Errno.None)) outcome.ThrowIfFailed($"cannot make {name} to shape what {plan.Owner} sends");

            if (host.FindLink(plan.Owner.AltName) is { } attached) throw new FabricException(FabricFault.InterfaceTaken, $"{plan.Owner} is attached already, by {attached.Name} ({attached.Alias}); DEL it first");

            if (!host.TryGetIndex(hostEnd, out _)) throw new FabricException(FabricFault.Busy, $"{plan.HostName} was deleted while {plan.Owner} was being attached, by a DEL or GC at the same time");

            // The address is ours, so a device of this name belonged to an earlier owner whose pair is gone; a device with our owner's name to an earlier run.
            host.RemoveLink(name);
            host.RemoveLink(plan.Owner.IfbAltName);
        }

        throw new FabricException(FabricFault.Busy, $"{name} came back {MaxTries} times while it was being made");
    }

    /// <summary>Whether the pod before this one has vanished and left its device: then others may have. One question, or two.</summary>
    private static bool IsForgotten(RouteSocket host, string tag, IpAddress? previous)
    {
        if (previous is not { IsV6: false } address) return false;
        string hostEnd = ClaimName.Of(tag, address);
        return !host.TryGetIndex(hostEnd, out _) && host.TryGetIndex(ClaimName.IfbOf(hostEnd), out _);
    }

    /// <summary>Where namespaces vanish without DEL their ifb devices stay: takes some of those away.</summary>
    private static void SweepSome(RouteSocket host, string tag, string ownName)
    {
        var ifbs = new OurLinks(tag);
        if (!host.DumpLinks(new LinkFilter(Kind: "ifb"), ref ifbs).Ok) return; // cut by changes every time: another ADD will do it

        // A stretch of the names behind our own, so that in time every ADD has looked at another stretch.
        ifbs.Links.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        int own = ifbs.Links.FindIndex(l => l.Name == ownName);
        var orphans = new List<IfIndex>();
        for (int i = 1; i < ifbs.Links.Count && i <= MaxLooked; i++)
        {
            Link ifb = ifbs.Links[(own + i) % ifbs.Links.Count];
            if (!host.TryGetIndex(ClaimName.HostOf(ifb.Name), out _)) orphans.Add(ifb.Index);
        }

        PodDetacher.Remove(host, orphans);
    }

    /// <summary>A queue put below a device that is up makes the kernel wait for every CPU, under the lock of all network changes: so, up comes last.</summary>
    private static NetlinkBatch QueueThenUp(NetlinkBatch batch, IfIndex dev, ulong rateBits, ulong burstBits)
    {
        QdiscRequests.ReplaceTbf(batch, new TbfSpec { Dev = dev, RateBytesPerSecond = rateBits / 8, BurstBytes = (uint)(burstBits / 8), LatencyUs = LatencyUs });
        LinkRequests.SetUp(batch, dev);
        return batch;
    }

    private static void CheckQueue(RouteSocket host, Link link, ulong rateBits, string direction)
    {
        Qdisc? queue = host.Qdiscs(link.Index).Find(q => q.Tbf is not null);
        if (queue?.Tbf is not { } tbf) throw new FabricException(FabricFault.Drift, $"{link.Name} has no token bucket: traffic {direction} the pod is not shaped");
        if (tbf.RateBytesPerSecond != rateBits / 8) throw new FabricException(FabricFault.Drift, $"{link.Name} shapes traffic {direction} the pod to {tbf.RateBytesPerSecond * 8} bit/s, {rateBits} are configured");
    }

    private static void Explain(NetlinkOutcome outcome, string direction, PodPlan plan)
    {
        if (outcome.Errno is Errno.ENOENT or Errno.EOPNOTSUPP) throw new FabricException(FabricFault.Configuration, $"capability \"bandwidth\" needs the kernel's sch_tbf, sch_ingress, cls_u32 and act_mirred (module missing): {outcome.Errno.Name} {outcome.KernelText}");
        outcome.ThrowIfFailed($"cannot shape traffic {direction} {plan.Owner}");
    }
}
