using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Uapi;

namespace Twill.Linux.Tc;

/// <summary>Writes qdisc messages into a batch.</summary>
/// <remarks>Source: include/uapi/linux/pkt_sched.h.</remarks>
public static class QdiscRequests
{
    /// <summary>Like: tc qdisc add dev eth0 root tbf rate 10mbit burst 32k latency 25ms. EEXIST: another qdisc is there.</summary>
    public static void AddTbf(NetlinkBatch batch, in TbfSpec spec) => Tbf(batch, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL, spec);

    /// <summary>Like: tc qdisc replace dev eth0 root tbf rate 10mbit burst 32k latency 25ms.</summary>
    public static void ReplaceTbf(NetlinkBatch batch, in TbfSpec spec) => Tbf(batch, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_REPLACE, spec);

    /// <summary>A place for filters of incoming packets. Like: tc qdisc add dev veth0 ingress. EEXIST: it is there, or clsact is.</summary>
    public static void AddIngress(NetlinkBatch batch, IfIndex dev)
        => Begin(batch, RtnetlinkUapi.RTM_NEWQDISC, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL, dev, TcHandle.Ingress, TcHandle.Of(0xffff), "ingress");

    /// <summary>A place for filters of both directions. Like: tc qdisc add dev veth0 clsact. EEXIST: it is there, or ingress is.</summary>
    public static void AddClsact(NetlinkBatch batch, IfIndex dev)
        => Begin(batch, RtnetlinkUapi.RTM_NEWQDISC, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL, dev, TcHandle.Ingress, TcHandle.Of(0xffff), "clsact");

    /// <summary>Removes the qdisc below a parent: <see cref="TcHandle.Root"/>, <see cref="TcHandle.Ingress"/>. Like: tc qdisc del dev eth0 root.</summary>
    /// <remarks>ENOENT or EINVAL: there is none, or only the one the kernel puts there itself.</remarks>
    public static void Remove(NetlinkBatch batch, IfIndex dev, TcHandle parent) => Begin(batch, RtnetlinkUapi.RTM_DELQDISC, 0, dev, parent, default, null);

    /// <summary>Like: tc qdisc show [dev eth0]. The kernel answers those of all devices: the reader chooses.</summary>
    public static void Dump(NetlinkBatch batch, IfIndex? dev = null)
    {
        batch.Begin(RtnetlinkUapi.RTM_GETQDISC, NetlinkUapi.NLM_F_DUMP);
        batch.Header(new TcMsg { tcm_ifindex = dev?.Value ?? 0 });
    }

    private static void Begin(NetlinkBatch batch, ushort type, ushort flags, IfIndex dev, TcHandle parent, TcHandle handle, string? kind)
    {
        batch.Begin(type, (ushort)(flags | NetlinkUapi.NLM_F_ACK));
        batch.Header(new TcMsg { tcm_ifindex = dev.Value, tcm_parent = parent.Value, tcm_handle = handle.Value });
        if (kind is not null) batch.String(RtnetlinkUapi.TCA_KIND, kind);
    }

    private static void Tbf(NetlinkBatch batch, ushort flags, in TbfSpec spec)
    {
        Begin(batch, RtnetlinkUapi.RTM_NEWQDISC, flags, spec.Dev, spec.Parent ?? TcHandle.Root, spec.Handle ?? default, "tbf");
        ulong rate = spec.RateBytesPerSecond;
        var options = new TcTbfQopt { rate = TcRate.Spec(rate), limit = spec.EffectiveLimit, buffer = TcRate.Ticks(rate, spec.BurstBytes) };
        int nest = batch.BeginNest(RtnetlinkUapi.TCA_OPTIONS);
        batch.Struct(PktSchedUapi.TCA_TBF_PARMS, options);
        batch.U32(PktSchedUapi.TCA_TBF_BURST, spec.BurstBytes);
        if (rate > uint.MaxValue) batch.U64(PktSchedUapi.TCA_TBF_RATE64, rate);
        TcRate.WriteTable(batch.Attribute(PktSchedUapi.TCA_TBF_RTAB, PktSchedUapi.TC_RTAB_SIZE), options.rate, rate);
        batch.EndNest(nest);
    }
}
