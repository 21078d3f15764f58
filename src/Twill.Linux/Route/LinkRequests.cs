using System.Text;
using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>Writes link messages into a batch. Each asks for an acknowledgement; nothing is sent here.</summary>
/// <remarks>Source: include/uapi/linux/if_link.h and rtnetlink.h; RTM_NEWLINK without NLM_F_CREATE changes what is there, as iproute2 does.</remarks>
public static partial class LinkRequests
{
    private const uint Untouched = 0;

    /// <summary>Like: ip link set eth0 up.</summary>
    public static void SetUp(NetlinkBatch batch, LinkKey link) => SetFlags(batch, link, IfUapi.IFF_UP, IfUapi.IFF_UP);

    /// <summary>Like: ip link set eth0 down. The kernel removes the routes through it.</summary>
    public static void SetDown(NetlinkBatch batch, LinkKey link) => SetFlags(batch, link, Untouched, IfUapi.IFF_UP);

    /// <summary>Like: ip link set eth0 promisc on.</summary>
    public static void SetPromiscuous(NetlinkBatch batch, LinkKey link, bool on) => SetFlags(batch, link, on ? IfUapi.IFF_PROMISC : Untouched, IfUapi.IFF_PROMISC);

    /// <summary>Like: ip link set eth0 mtu 1450. EINVAL: outside the device's limits.</summary>
    public static void SetMtu(NetlinkBatch batch, LinkKey link, Mtu mtu)
    {
        Begin(batch, link);
        batch.U32(IfLinkUapi.IFLA_MTU, (uint)mtu.Value);
    }

    /// <summary>Like: ip link set br0 gso_max_size 65536 gso_ipv4_max_size 262144.</summary>
    /// <remarks>A bridge takes more than the usual only when it has had a port: EINVAL "too big gso_max_size". The kernel notifies nobody.</remarks>
    public static void SetGsoMaxSize(NetlinkBatch batch, LinkKey link, int bytes)
    {
        Begin(batch, link);
        GsoMaxSize(batch, bytes);
    }

    /// <summary>Like: ip link set eth0 address 0a:00:00:00:00:01.</summary>
    public static void SetMac(NetlinkBatch batch, LinkKey link, MacAddress mac)
    {
        Begin(batch, link);
        WriteMac(batch, IfLinkUapi.IFLA_ADDRESS, mac);
    }

    /// <summary>Makes the link a port of a bridge; null takes it out. Like: ip link set veth0 master br0 | nomaster.</summary>
    public static void SetMaster(NetlinkBatch batch, LinkKey link, IfIndex? master)
    {
        Begin(batch, link);
        batch.I32(IfLinkUapi.IFLA_MASTER, master?.Value ?? 0);
    }

    /// <summary>A text of up to 255 bytes for people and programs; empty removes it. Like: ip link set eth0 alias TEXT.</summary>
    public static void SetAlias(NetlinkBatch batch, LinkKey link, ReadOnlySpan<char> alias)
    {
        Begin(batch, link);
        WriteAlias(batch, alias);
    }

    /// <summary>Like: ip link set eth0 group 7.</summary>
    public static void SetGroup(NetlinkBatch batch, LinkKey link, uint group)
    {
        Begin(batch, link);
        batch.U32(IfLinkUapi.IFLA_GROUP, group);
    }

    /// <summary>Packets the transmit queue holds. Like: ip link set eth0 txqueuelen 1000.</summary>
    public static void SetTxQueueLength(NetlinkBatch batch, LinkKey link, int packets)
    {
        Begin(batch, link);
        batch.U32(IfLinkUapi.IFLA_TXQLEN, (uint)packets);
    }

    /// <summary>Gives the link another name; by index only, as a name in the request would be the new one. Like: ip link set eth0 name eth1.</summary>
    /// <remarks>EEXIST: the name is taken. EBUSY: the link is up, and the kernel is older than 6.2.</remarks>
    public static void Rename(NetlinkBatch batch, IfIndex link, ReadOnlySpan<char> name)
    {
        Begin(batch, link);
        batch.String(IfLinkUapi.IFLA_IFNAME, name);
    }

    /// <summary>Moves the link; its addresses and routes are lost, and its index may change. Like: ip link set eth0 netns NAME [name NEW].</summary>
    /// <param name="name">A new name in the target namespace, by index only; null keeps it.</param>
    /// <remarks>EEXIST: the name is taken there. EINVAL: this kind of link may not move.</remarks>
    public static void Move(NetlinkBatch batch, LinkKey link, NetworkNamespace target, string? name = null)
    {
        Begin(batch, link);
        batch.I32(IfLinkUapi.IFLA_NET_NS_FD, target.DescriptorNumber);
        if (name is not null) batch.String(IfLinkUapi.IFLA_IFNAME, name);
    }

    /// <summary>Adds an alternative name, unique in the namespace among names of both kinds. Like: ip link property add dev eth0 altname NAME.</summary>
    /// <remarks>EEXIST: some link has the name. EINVAL or ERANGE: longer than <see cref="LinkKey.MaxAltNameBytes"/>.</remarks>
    public static void AddAltName(NetlinkBatch batch, LinkKey link, ReadOnlySpan<char> altName)
        => Property(batch, RtnetlinkUapi.RTM_NEWLINKPROP, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL | NetlinkUapi.NLM_F_APPEND, link, altName);

    /// <summary>Like: ip link property del dev eth0 altname NAME. ENOENT: the link has no such name.</summary>
    public static void RemoveAltName(NetlinkBatch batch, LinkKey link, ReadOnlySpan<char> altName) => Property(batch, RtnetlinkUapi.RTM_DELLINKPROP, 0, link, altName);

    /// <summary>Sets a bridge port's switches. Like: ip link set veth0 type bridge_slave hairpin on isolated on.</summary>
    /// <remarks>EINVAL or EOPNOTSUPP: the link is no port of a bridge. Where `ip` also names the kind "bridge_slave", of which no driver exists, we do not:
    /// it makes the kernel look for a module.</remarks>
    public static void SetBridgePort(NetlinkBatch batch, LinkKey port, in BridgePortFlags flags)
    {
        Begin(batch, port);
        int info = batch.BeginNest(IfLinkUapi.IFLA_LINKINFO);
        int data = batch.BeginNest(IfLinkUapi.IFLA_INFO_SLAVE_DATA);
        OnOff(batch, IfLinkUapi.IFLA_BRPORT_MODE, flags.Hairpin);
        OnOff(batch, IfLinkUapi.IFLA_BRPORT_ISOLATED, flags.Isolated);
        OnOff(batch, IfLinkUapi.IFLA_BRPORT_LOCKED, flags.Locked);
        OnOff(batch, IfLinkUapi.IFLA_BRPORT_LEARNING, flags.Learning);
        OnOff(batch, IfLinkUapi.IFLA_BRPORT_UNICAST_FLOOD, flags.Flood);
        OnOff(batch, IfLinkUapi.IFLA_BRPORT_MCAST_FLOOD, flags.McastFlood);
        OnOff(batch, IfLinkUapi.IFLA_BRPORT_BCAST_FLOOD, flags.BroadcastFlood);
        OnOff(batch, IfLinkUapi.IFLA_BRPORT_NEIGH_SUPPRESS, flags.NeighSuppress);
        batch.EndNest(data);
        batch.EndNest(info);
    }

    /// <summary>How the link makes its own IPv6 addresses. Like: ip link set eth0 addrgenmode none.</summary>
    /// <param name="alias">Also the alias, as <see cref="SetAlias"/>: one message, and one notification to whoever listens. Empty: left as it is.</param>
    public static void SetAddrGenMode(NetlinkBatch batch, LinkKey link, AddrGenMode mode, ReadOnlySpan<char> alias = default)
    {
        Begin(batch, link);
        if (!alias.IsEmpty) WriteAlias(batch, alias);
        int families = batch.BeginNest(IfLinkUapi.IFLA_AF_SPEC);
        int v6 = batch.BeginNest(AfInet6);
        batch.U8(IfLinkUapi.IFLA_INET6_ADDR_GEN_MODE, (byte)mode);
        batch.EndNest(v6);
        batch.EndNest(families);
    }

    /// <summary>Like: ip link del eth0. ENODEV: not there. Costs 15 to 20 ms in the kernel, whoever asks.</summary>
    public static void Delete(NetlinkBatch batch, LinkKey link) => Begin(batch, link, RtnetlinkUapi.RTM_DELLINK);

    /// <summary>Deletes all links of a group at once, for the price of one. Like: ip link del group 7.</summary>
    /// <remarks>ENODEV: no such link. EOPNOTSUPP: one of them cannot be deleted, none was.</remarks>
    public static void DeleteGroup(NetlinkBatch batch, uint group)
    {
        Begin(batch, default(IfIndex), RtnetlinkUapi.RTM_DELLINK);
        batch.U32(IfLinkUapi.IFLA_GROUP, group);
    }

    private const ushort AfInet6 = 10;

    /// <summary>Without a NUL, as nothing at all removes it.</summary>
    private static void WriteAlias(NetlinkBatch batch, ReadOnlySpan<char> alias)
        => Encoding.UTF8.GetBytes(alias, batch.Attribute(IfLinkUapi.IFLA_IFALIAS, Encoding.UTF8.GetByteCount(alias)));

    private static void SetFlags(NetlinkBatch batch, LinkKey link, uint flags, uint change)
        => Begin(batch, link, RtnetlinkUapi.RTM_NEWLINK, NetlinkUapi.NLM_F_ACK, flags, change);

    private static void Begin(NetlinkBatch batch, LinkKey link, ushort type = RtnetlinkUapi.RTM_NEWLINK, ushort messageFlags = NetlinkUapi.NLM_F_ACK, uint flags = 0, uint change = 0)
    {
        batch.Begin(type, messageFlags);
        batch.Header(new IfInfoMsg { ifi_index = link.Index.Value, ifi_flags = flags, ifi_change = change });
        link.WriteName(batch);
    }

    private static void Property(NetlinkBatch batch, ushort type, ushort flags, LinkKey link, ReadOnlySpan<char> altName)
    {
        Begin(batch, link, type, (ushort)(flags | NetlinkUapi.NLM_F_ACK));
        int list = batch.BeginNest(IfLinkUapi.IFLA_PROP_LIST);
        batch.String(IfLinkUapi.IFLA_ALT_IFNAME, altName);
        batch.EndNest(list);
    }

    private static void WriteMac(NetlinkBatch batch, ushort type, MacAddress? mac)
    {
        if (mac is { } value) value.Write(batch.Attribute(type, MacAddress.Length));
    }

    private static void OnOff(NetlinkBatch batch, ushort type, bool? value)
    {
        if (value is { } on) batch.U8(type, on ? (byte)1 : (byte)0);
    }

    private static void Number(NetlinkBatch batch, ushort type, uint? value)
    {
        if (value is { } number) batch.U32(type, number);
    }
}
