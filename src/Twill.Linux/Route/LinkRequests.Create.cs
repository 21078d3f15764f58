using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>Messages that make links. All are exclusive: EEXIST where the name is taken.</summary>
public static partial class LinkRequests
{
    private const ushort CreateFlags = NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL | NetlinkUapi.NLM_F_ACK;

    /// <summary>Makes both ends in one message, the peer born under its final name in its own namespace.</summary>
    /// <param name="echo">Whether the kernel also answers with the new link, which names both indices (Linux 6.2; older ones ignore it).</param>
    /// <remarks>
    /// Like: ip link add v0 mtu 1450 master br0 up type veth peer name eth0 netns NAME. EEXIST: one of the names is taken; the
    /// kernel does not say which. Source: include/uapi/linux/veth.h; IFLA_NET_NS_FD stands inside VETH_INFO_PEER.
    /// </remarks>
    public static void CreateVeth(NetlinkBatch batch, in VethSpec spec, bool echo = false)
    {
        batch.Begin(RtnetlinkUapi.RTM_NEWLINK, echo ? (ushort)(CreateFlags | NetlinkUapi.NLM_F_ECHO) : CreateFlags);
        Common(batch, spec.Index, spec.Name, spec.Mac, spec.Mtu, spec.Master, spec.Up, spec.Group, null);
        Queues(batch, spec);
        GsoMaxSize(batch, spec.GsoMaxSize);
        int info = batch.BeginNest(IfLinkUapi.IFLA_LINKINFO);
        batch.String(IfLinkUapi.IFLA_INFO_KIND, "veth");
        int data = batch.BeginNest(IfLinkUapi.IFLA_INFO_DATA);
        int peer = batch.BeginNest(VethUapi.VETH_INFO_PEER);
        Common(batch, spec.PeerIndex, spec.PeerName, spec.PeerMac, spec.PeerMtu, null, false, null, spec.PeerNamespace);
        Queues(batch, spec);
        GsoMaxSize(batch, spec.GsoMaxSize);
        batch.EndNest(peer);
        batch.EndNest(data);
        batch.EndNest(info);
    }

    /// <summary>Like: ip link add br0 address MAC mtu 1450 up type bridge stp_state 0 nf_call_iptables 1.</summary>
    public static void CreateBridge(NetlinkBatch batch, in BridgeSpec spec)
    {
        batch.Begin(RtnetlinkUapi.RTM_NEWLINK, CreateFlags);
        Common(batch, null, spec.Name, spec.Mac, spec.Mtu, null, spec.Up, spec.Group, spec.Namespace);
        int info = batch.BeginNest(IfLinkUapi.IFLA_LINKINFO);
        batch.String(IfLinkUapi.IFLA_INFO_KIND, "bridge");
        if (spec.HasData) BridgeData(batch, spec);
        batch.EndNest(info);
    }

    /// <summary>Changes an existing bridge's settings; name, address, MTU and state of the spec are not looked at. Like: ip link set br0 type bridge nf_call_iptables 1.</summary>
    public static void SetBridge(NetlinkBatch batch, in BridgeSpec spec)
    {
        Begin(batch, spec.Name);
        int info = batch.BeginNest(IfLinkUapi.IFLA_LINKINFO);
        batch.String(IfLinkUapi.IFLA_INFO_KIND, "bridge");
        BridgeData(batch, spec);
        batch.EndNest(info);
    }

    /// <summary>Like: ip link add twill.vx type vxlan id 7 dstport 4789 local 192.168.1.11 dev eth0 nolearning.</summary>
    /// <remarks>EEXIST: the name, or the pair of identifier and port, is taken. EOPNOTSUPP: no module vxlan.</remarks>
    public static void CreateVxlan(NetlinkBatch batch, in VxlanSpec spec)
    {
        batch.Begin(RtnetlinkUapi.RTM_NEWLINK, CreateFlags);
        Common(batch, null, spec.Name, spec.Mac, spec.Mtu, null, spec.Up, spec.Group, spec.Namespace);
        int info = batch.BeginNest(IfLinkUapi.IFLA_LINKINFO);
        batch.String(IfLinkUapi.IFLA_INFO_KIND, "vxlan");
        int data = batch.BeginNest(IfLinkUapi.IFLA_INFO_DATA);
        batch.U32(IfLinkUapi.IFLA_VXLAN_ID, spec.Vni.Value);
        if (spec.Local is { } local) batch.Ip(local.IsV6 ? IfLinkUapi.IFLA_VXLAN_LOCAL6 : IfLinkUapi.IFLA_VXLAN_LOCAL, local);
        if (spec.Dev is { } dev) batch.I32(IfLinkUapi.IFLA_VXLAN_LINK, dev.Value);
        if (spec.Ttl is { } ttl) batch.U8(IfLinkUapi.IFLA_VXLAN_TTL, ttl);
        if (spec.Df is { } df) batch.U8(IfLinkUapi.IFLA_VXLAN_DF, (byte)df);
        OnOff(batch, IfLinkUapi.IFLA_VXLAN_LEARNING, spec.Learning);
        if (spec.SourcePorts is { } ports)
        {
            Span<byte> range = batch.Attribute(IfLinkUapi.IFLA_VXLAN_PORT_RANGE, 4);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(range, ports.First);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(range[2..], ports.Last);
        }

        if (spec.Port != 0) batch.U16Be(IfLinkUapi.IFLA_VXLAN_PORT, spec.Port);
        OnOff(batch, IfLinkUapi.IFLA_VXLAN_UDP_CSUM, spec.UdpChecksum);
        OnOff(batch, IfLinkUapi.IFLA_VXLAN_UDP_ZERO_CSUM6_TX, spec.UdpZeroChecksum6Tx);
        OnOff(batch, IfLinkUapi.IFLA_VXLAN_UDP_ZERO_CSUM6_RX, spec.UdpZeroChecksum6Rx);
        batch.EndNest(data);
        batch.EndNest(info);
    }

    /// <summary>An intermediate functional block: gives incoming packets, redirected to it, a queue. Like: ip link add ifb0 up type ifb.</summary>
    /// <param name="echo">As for <see cref="CreateVeth"/>.</param>
    public static void CreateIfb(NetlinkBatch batch, string name, Mtu? mtu = null, bool up = true, MacAddress? mac = null, bool echo = false)
    {
        batch.Begin(RtnetlinkUapi.RTM_NEWLINK, echo ? (ushort)(CreateFlags | NetlinkUapi.NLM_F_ECHO) : CreateFlags);
        Common(batch, null, name, mac, mtu, null, up, null, null);
        int info = batch.BeginNest(IfLinkUapi.IFLA_LINKINFO);
        batch.String(IfLinkUapi.IFLA_INFO_KIND, "ifb");
        batch.EndNest(info);
    }

    /// <summary>Header and attributes of one link; the header goes to the message's start or into VETH_INFO_PEER.</summary>
    private static void Common(
        NetlinkBatch batch, IfIndex? index, string name, MacAddress? mac, Mtu? mtu, IfIndex? master, bool up, uint? group, NetworkNamespace? network)
    {
        uint flags = up ? IfUapi.IFF_UP : 0;
        batch.Header(new IfInfoMsg { ifi_index = index?.Value ?? 0, ifi_flags = flags, ifi_change = flags });
        batch.String(IfLinkUapi.IFLA_IFNAME, name);
        WriteMac(batch, IfLinkUapi.IFLA_ADDRESS, mac);
        Number(batch, IfLinkUapi.IFLA_MTU, (uint?)mtu?.Value);
        if (master is { } bridge) batch.I32(IfLinkUapi.IFLA_MASTER, bridge.Value);
        Number(batch, IfLinkUapi.IFLA_GROUP, group);
        if (network is not null) batch.I32(IfLinkUapi.IFLA_NET_NS_FD, network.DescriptorNumber);
    }

    private static void Queues(NetlinkBatch batch, in VethSpec spec)
    {
        Number(batch, IfLinkUapi.IFLA_NUM_TX_QUEUES, (uint?)spec.TxQueues);
        Number(batch, IfLinkUapi.IFLA_NUM_RX_QUEUES, (uint?)spec.RxQueues);
        Number(batch, IfLinkUapi.IFLA_TXQLEN, (uint?)spec.TxQueueLength);
    }

    /// <summary>The first attribute is for IPv6, and the kernel applies it before that of IPv4.</summary>
    private static void GsoMaxSize(NetlinkBatch batch, int? bytes)
    {
        Number(batch, IfLinkUapi.IFLA_GSO_MAX_SIZE, bytes is { } b ? (uint)Math.Min(b, Segments.UsualMax) : null);
        Number(batch, IfLinkUapi.IFLA_GSO_IPV4_MAX_SIZE, (uint?)bytes);
    }

    private static void BridgeData(NetlinkBatch batch, in BridgeSpec spec)
    {
        int data = batch.BeginNest(IfLinkUapi.IFLA_INFO_DATA);
        Number(batch, IfLinkUapi.IFLA_BR_STP_STATE, spec.Stp is { } stp ? (stp ? 1u : 0u) : null);
        Number(batch, IfLinkUapi.IFLA_BR_AGEING_TIME, spec.AgeingTimeCs);
        Number(batch, IfLinkUapi.IFLA_BR_FORWARD_DELAY, spec.ForwardDelayCs);
        OnOff(batch, IfLinkUapi.IFLA_BR_VLAN_FILTERING, spec.VlanFiltering);
        OnOff(batch, IfLinkUapi.IFLA_BR_MCAST_SNOOPING, spec.McastSnooping);
        OnOff(batch, IfLinkUapi.IFLA_BR_NF_CALL_IPTABLES, spec.NfCallIptables);
        OnOff(batch, IfLinkUapi.IFLA_BR_NF_CALL_IP6TABLES, spec.NfCallIp6tables);
        batch.EndNest(data);
    }
}
