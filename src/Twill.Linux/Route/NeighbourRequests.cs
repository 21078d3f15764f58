using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>Writes neighbour and forwarding messages into a batch.</summary>
/// <remarks>Source: include/uapi/linux/neighbour.h.</remarks>
public static class NeighbourRequests
{
    private const byte AF_BRIDGE = 7;

    /// <summary>Like: ip neigh add 10.244.2.0 lladdr MAC dev twill.vx nud permanent. EEXIST: there is an entry.</summary>
    public static void Add(NetlinkBatch batch, in NeighbourSpec spec) => Write(batch, RtnetlinkUapi.RTM_NEWNEIGH, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL, spec);

    /// <summary>Like: ip neigh replace 10.244.2.0 lladdr MAC dev twill.vx nud permanent.</summary>
    public static void Replace(NetlinkBatch batch, in NeighbourSpec spec) => Write(batch, RtnetlinkUapi.RTM_NEWNEIGH, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_REPLACE, spec);

    /// <summary>Like: ip neigh del 10.244.2.0 dev twill.vx. ENOENT: not there.</summary>
    /// <param name="proxy">Whether it is a proxy entry: those have a table of their own.</param>
    public static void Remove(NetlinkBatch batch, IfIndex dev, IpAddress address, bool proxy = false)
        => Write(batch, RtnetlinkUapi.RTM_DELNEIGH, 0, new NeighbourSpec { Dev = dev, Address = address, State = NeighbourState.None, Flags = proxy ? NeighbourFlags.Proxy : NeighbourFlags.None });

    /// <summary>Like: ip neigh show [dev D]; not those that need no resolving (NoArp), unless asked for by the kernel's own rules.</summary>
    public static void Dump(NetlinkBatch batch, IfIndex? dev = null, byte family = 0, bool proxies = false)
    {
        batch.Begin(RtnetlinkUapi.RTM_GETNEIGH, NetlinkUapi.NLM_F_DUMP);
        batch.Header(new NdMsg { ndm_family = family, ndm_flags = proxies ? NeighbourUapi.NTF_PROXY : (byte)0 });
        if (dev is { } index) batch.I32(NeighbourUapi.NDA_IFINDEX, index.Value);
    }

    /// <summary>Like: bridge fdb add MAC dev twill.vx dst 192.168.1.12 self permanent. EEXIST: there is an entry.</summary>
    public static void AddFdb(NetlinkBatch batch, in FdbSpec spec) => WriteFdb(batch, RtnetlinkUapi.RTM_NEWNEIGH, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL, spec);

    /// <summary>Like: bridge fdb replace MAC dev twill.vx dst 192.168.1.12 self permanent.</summary>
    public static void ReplaceFdb(NetlinkBatch batch, in FdbSpec spec) => WriteFdb(batch, RtnetlinkUapi.RTM_NEWNEIGH, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_REPLACE, spec);

    /// <summary>One more remote end of an address on a VXLAN device. Like: bridge fdb append 00:00:00:00:00:00 dev twill.vx dst 192.168.1.12.</summary>
    public static void AppendFdb(NetlinkBatch batch, in FdbSpec spec) => WriteFdb(batch, RtnetlinkUapi.RTM_NEWNEIGH, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_APPEND, spec);

    /// <summary>Like: bridge fdb del MAC dev twill.vx [dst 192.168.1.12] self. ENOENT: not there.</summary>
    public static void RemoveFdb(NetlinkBatch batch, in FdbSpec spec) => WriteFdb(batch, RtnetlinkUapi.RTM_DELNEIGH, 0, spec);

    /// <summary>Forwarding entries of one device, its own and those of a bridge it is or belongs to. Like: bridge fdb show [dev D | br B].</summary>
    public static void DumpFdb(NetlinkBatch batch, IfIndex? dev = null, IfIndex? bridge = null)
    {
        batch.Begin(RtnetlinkUapi.RTM_GETNEIGH, NetlinkUapi.NLM_F_DUMP);
        batch.Header(new NdMsg { ndm_family = AF_BRIDGE, ndm_ifindex = dev?.Value ?? 0 });
        if (bridge is { } master) batch.I32(NeighbourUapi.NDA_MASTER, master.Value);
    }

    private static void Write(NetlinkBatch batch, ushort type, ushort flags, in NeighbourSpec spec)
    {
        batch.Begin(type, (ushort)(flags | NetlinkUapi.NLM_F_ACK));
        batch.Header(new NdMsg
        {
            ndm_family = spec.Address.Family,
            ndm_ifindex = spec.Dev.Value,
            ndm_state = (ushort)(spec.State ?? NeighbourState.Permanent),
            ndm_flags = (byte)spec.Flags,
        });
        batch.Ip(NeighbourUapi.NDA_DST, spec.Address);
        if (spec.Mac is { } mac) mac.Write(batch.Attribute(NeighbourUapi.NDA_LLADDR, MacAddress.Length));
        if (spec.Protocol != 0) batch.U8(NeighbourUapi.NDA_PROTOCOL, spec.Protocol);
    }

    private static void WriteFdb(NetlinkBatch batch, ushort type, ushort flags, in FdbSpec spec)
    {
        batch.Begin(type, (ushort)(flags | NetlinkUapi.NLM_F_ACK));
        NeighbourFlags table = spec.Flags & (NeighbourFlags.Self | NeighbourFlags.Master);
        batch.Header(new NdMsg
        {
            ndm_family = AF_BRIDGE,
            ndm_ifindex = spec.Dev.Value,
            ndm_state = (ushort)(spec.State ?? NeighbourState.Permanent),
            ndm_flags = (byte)(table == NeighbourFlags.None ? spec.Flags | NeighbourFlags.Self : spec.Flags),
        });
        spec.Mac.Write(batch.Attribute(NeighbourUapi.NDA_LLADDR, MacAddress.Length));
        if (spec.Destination is { } destination) batch.Ip(NeighbourUapi.NDA_DST, destination);
        if (spec.Port != 0) batch.U16Be(NeighbourUapi.NDA_PORT, spec.Port);
        if (spec.Vni is { } vni) batch.U32(NeighbourUapi.NDA_VNI, vni.Value);
    }
}
