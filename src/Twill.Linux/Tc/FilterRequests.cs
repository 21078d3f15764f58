using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Uapi;

namespace Twill.Linux.Tc;

/// <summary>Writes filter messages into a batch.</summary>
/// <remarks>Source: include/uapi/linux/pkt_cls.h and tc_act/tc_mirred.h.</remarks>
public static class FilterRequests
{
    /// <summary>The highest priority of a filter: 1 is looked at first. 0 lets the kernel choose.</summary>
    public const ushort DefaultPriority = 1;

    private const ushort ETH_P_ALL = 3; // include/uapi/linux/if_ether.h

    /// <summary>Sends every packet on to another device, by classifier u32, which even small kernels have.</summary>
    /// <param name="parent"><see cref="TcHandle.IngressFilters"/> or <see cref="TcHandle.EgressFilters"/>, or a qdisc's handle.</param>
    /// <remarks>
    /// Like: tc filter add dev veth0 parent ffff: protocol all prio 1 u32 match u32 0 0 flowid 1:1 action mirred egress redirect dev ifb0.
    /// ENOENT: no driver for u32 or mirred. EINVAL: no ingress or clsact qdisc on the device. EEXIST: matched by another kind at this priority.
    /// </remarks>
    public static void AddRedirectU32(NetlinkBatch batch, IfIndex dev, TcHandle parent, IfIndex target, ushort priority = DefaultPriority)
    {
        Begin(batch, dev, parent, priority, "u32");
        int options = batch.BeginNest(RtnetlinkUapi.TCA_OPTIONS);
        batch.U32(PktClsUapi.TCA_U32_CLASSID, TcHandle.Of(1, 1).Value);

        // One key whose mask is zero matches everything: match u32 0 0 at 0.
        var selector = new TcU32Sel { flags = PktClsUapi.TC_U32_TERMINAL, nkeys = 1 };
        Span<byte> payload = batch.Attribute(PktClsUapi.TCA_U32_SEL, Unsafe.SizeOf<TcU32Sel>() + Unsafe.SizeOf<TcU32Key>());
        MemoryMarshal.Write(payload, in selector);
        Redirect(batch, PktClsUapi.TCA_U32_ACT, target);
        batch.EndNest(options);
    }

    /// <summary>As <see cref="AddRedirectU32"/> by classifier matchall, which hardware can take over. Like: tc filter add ... matchall action mirred egress redirect dev ifb0.</summary>
    public static void AddRedirectMatchall(NetlinkBatch batch, IfIndex dev, TcHandle parent, IfIndex target, ushort priority = DefaultPriority)
    {
        Begin(batch, dev, parent, priority, "matchall");
        int options = batch.BeginNest(RtnetlinkUapi.TCA_OPTIONS);
        Redirect(batch, PktClsUapi.TCA_MATCHALL_ACT, target);
        batch.EndNest(options);
    }

    /// <summary>Removes all filters of one priority; 0: of every priority. Like: tc filter del dev veth0 ingress prio 1.</summary>
    public static void Remove(NetlinkBatch batch, IfIndex dev, TcHandle parent, ushort priority)
    {
        batch.Begin(RtnetlinkUapi.RTM_DELTFILTER, NetlinkUapi.NLM_F_ACK);
        batch.Header(new TcMsg { tcm_ifindex = dev.Value, tcm_parent = parent.Value, tcm_info = (uint)priority << 16 });
    }

    /// <summary>Like: tc filter show dev veth0 ingress.</summary>
    public static void Dump(NetlinkBatch batch, IfIndex dev, TcHandle parent)
    {
        batch.Begin(RtnetlinkUapi.RTM_GETTFILTER, NetlinkUapi.NLM_F_DUMP);
        batch.Header(new TcMsg { tcm_ifindex = dev.Value, tcm_parent = parent.Value });
    }

    private static void Begin(NetlinkBatch batch, IfIndex dev, TcHandle parent, ushort priority, string kind)
    {
        batch.Begin(RtnetlinkUapi.RTM_NEWTFILTER, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL | NetlinkUapi.NLM_F_ACK);
        uint info = ((uint)priority << 16) | BinaryPrimitives.ReverseEndianness(ETH_P_ALL);
        batch.Header(new TcMsg { tcm_ifindex = dev.Value, tcm_parent = parent.Value, tcm_info = info });
        batch.String(RtnetlinkUapi.TCA_KIND, kind);
    }

    private static void Redirect(NetlinkBatch batch, ushort type, IfIndex target)
    {
        int actions = batch.BeginNest(type);
        int first = batch.BeginNest(1); // the first action
        batch.String(PktClsUapi.TCA_ACT_KIND, "mirred");
        int options = batch.BeginNest(PktClsUapi.TCA_ACT_OPTIONS);
        batch.Struct(PktClsUapi.TCA_MIRRED_PARMS, new TcMirred { action = PktClsUapi.TC_ACT_STOLEN, eaction = PktClsUapi.TCA_EGRESS_REDIR, ifindex = (uint)target.Value });
        batch.EndNest(options);
        batch.EndNest(first);
        batch.EndNest(actions);
    }
}
