using System.Text;
using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>A link as the kernel told it, read in place without allocating. Valid as long as the message.</summary>
/// <remarks>Unknown attributes are skipped. Source: RTM_NEWLINK, include/uapi/linux/if_link.h.</remarks>
public readonly ref struct LinkView
{
    private readonly ReadOnlySpan<byte> _altNames;

    /// <exception cref="NetlinkProtocolException">Lengths that contradict each other.</exception>
    public LinkView(in NetlinkMessage message)
    {
        IfInfoMsg header = message.Header<IfInfoMsg>();
        Index = new IfIndex(header.ifi_index);
        Flags = (LinkFlags)header.ifi_flags;
        HardwareType = header.ifi_type;
        LinkNamespaceId = -1;

        int gso = Segments.UsualMax, gsoV4 = 0;
        AttributeReader attributes = message.Attributes<IfInfoMsg>();
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case IfLinkUapi.IFLA_IFNAME: Name = attributes.StringBytes(); break;
                case IfLinkUapi.IFLA_IFALIAS: Alias = attributes.StringBytes(); break;
                case IfLinkUapi.IFLA_MTU: Mtu = new Mtu(attributes.I32()); break;
                case IfLinkUapi.IFLA_ADDRESS: Mac = attributes.Payload.Length == MacAddress.Length ? MacAddress.Read(attributes.Payload) : null; break;
                case IfLinkUapi.IFLA_OPERSTATE: OperState = (OperState)attributes.U8(); break;
                case IfLinkUapi.IFLA_MASTER: Master = new IfIndex(attributes.I32()); break;
                case IfLinkUapi.IFLA_LINK: LinkedIndex = new IfIndex(attributes.I32()); break;
                case IfLinkUapi.IFLA_LINK_NETNSID: LinkNamespaceId = attributes.I32(); break;
                case IfLinkUapi.IFLA_GROUP: Group = attributes.U32(); break;
                case IfLinkUapi.IFLA_TXQLEN: TxQueueLength = attributes.I32(); break;
                case IfLinkUapi.IFLA_NUM_TX_QUEUES: TxQueues = attributes.I32(); break;
                case IfLinkUapi.IFLA_NUM_RX_QUEUES: RxQueues = attributes.I32(); break;
                case IfLinkUapi.IFLA_GSO_MAX_SIZE: gso = attributes.I32(); break;
                case IfLinkUapi.IFLA_GSO_IPV4_MAX_SIZE: gsoV4 = attributes.I32(); break;
                case IfLinkUapi.IFLA_PROMISCUITY: Promiscuity = attributes.I32(); break;
                case IfLinkUapi.IFLA_PROP_LIST: _altNames = attributes.Payload; break;
                case IfLinkUapi.IFLA_LINKINFO:
                    AttributeReader info = attributes.Nested();
                    while (info.Next())
                    {
                        switch (info.Type)
                        {
                            case IfLinkUapi.IFLA_INFO_KIND: Kind = info.StringBytes(); break;
                            case IfLinkUapi.IFLA_INFO_DATA: Data = info.Payload; break;
                            case IfLinkUapi.IFLA_INFO_SLAVE_KIND: PortKind = info.StringBytes(); break;
                            case IfLinkUapi.IFLA_INFO_SLAVE_DATA: PortData = info.Payload; break;
                            default: break;
                        }
                    }

                    break;
                default: break;
            }
        }

        GsoMaxSize = gsoV4 > 0 ? gsoV4 : Math.Min(gso, Segments.UsualMax); // before Linux 6.3 that of IPv6 decides, up to the usual
    }

    public IfIndex Index { get; }

    public LinkFlags Flags { get; }

    /// <summary>ARPHRD_*: 1 is Ethernet, 772 loopback.</summary>
    public ushort HardwareType { get; }

    /// <summary>UTF-8, without the NUL.</summary>
    public ReadOnlySpan<byte> Name { get; }

    public ReadOnlySpan<byte> Alias { get; }

    /// <summary>"veth", "bridge"; empty for loopback and hardware.</summary>
    public ReadOnlySpan<byte> Kind { get; }

    /// <summary>Kind of the master it is a port of: "bridge"; empty where it has none.</summary>
    public ReadOnlySpan<byte> PortKind { get; }

    /// <summary>IFLA_INFO_DATA's attributes, by kind.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>IFLA_INFO_SLAVE_DATA's attributes, by port kind.</summary>
    public ReadOnlySpan<byte> PortData { get; }

    /// <summary>Null where the address is not one of Ethernet.</summary>
    public MacAddress? Mac { get; }

    public Mtu Mtu { get; }

    public OperState OperState { get; }

    public IfIndex? Master { get; }

    /// <summary>A veth's peer, a VXLAN's underlay device: an index in the namespace that <see cref="LinkNamespaceId"/> names.</summary>
    public IfIndex? LinkedIndex { get; }

    /// <summary>This namespace's id of the one where <see cref="LinkedIndex"/> is; -1: this one itself.</summary>
    public int LinkNamespaceId { get; }

    public uint Group { get; }

    public int TxQueueLength { get; }

    public int TxQueues { get; }

    public int RxQueues { get; }

    /// <summary>Bytes of IPv4 that the stack hands over in one piece, for the device to cut.</summary>
    public int GsoMaxSize { get; }

    /// <summary>How many asked for promiscuous mode.</summary>
    public int Promiscuity { get; }

    public bool IsUp => (Flags & LinkFlags.Up) != 0;

    public bool HasAltName(ReadOnlySpan<byte> utf8)
    {
        AttributeReader names = AltNames;
        while (names.Next())
        {
            if (names.Type == IfLinkUapi.IFLA_ALT_IFNAME && names.StringBytes().SequenceEqual(utf8)) return true;
        }

        return false;
    }

    /// <summary>Walks IFLA_ALT_IFNAME attributes; each one's StringBytes is a name.</summary>
    public AttributeReader AltNames => new(_altNames);

    /// <summary>The first alternative name that starts so; empty if there is none.</summary>
    public ReadOnlySpan<byte> AltNameWithPrefix(ReadOnlySpan<byte> utf8)
    {
        AttributeReader names = AltNames;
        while (names.Next())
        {
            if (names.Type == IfLinkUapi.IFLA_ALT_IFNAME && names.StringBytes().StartsWith(utf8)) return names.StringBytes();
        }

        return [];
    }

    /// <summary>The port's state and switches; null where the link is no port of a bridge.</summary>
    public BridgePort? ReadBridgePort() => PortKind.SequenceEqual("bridge"u8) ? BridgePort.Read(PortData) : null;

    /// <summary>The settings of a VXLAN device; null where it is something else.</summary>
    public VxlanInfo? ReadVxlan() => Kind.SequenceEqual("vxlan"u8) ? VxlanInfo.Read(Data) : null;

    /// <summary>The settings of a bridge; null where it is something else.</summary>
    public BridgeInfo? ReadBridge() => Kind.SequenceEqual("bridge"u8) ? BridgeInfo.Read(Data) : null;

    /// <summary>A copy that outlives the message.</summary>
    public Link ToLink()
    {
        List<string>? altNames = null;
        AttributeReader names = AltNames;
        while (names.Next())
        {
            if (names.Type == IfLinkUapi.IFLA_ALT_IFNAME) (altNames ??= []).Add(names.String());
        }

        return new Link
        {
            Index = Index,
            Name = Encoding.UTF8.GetString(Name),
            Kind = Text(Kind),
            Alias = Text(Alias),
            AltNames = altNames is null ? [] : altNames,
            Mac = Mac,
            Mtu = Mtu,
            Flags = Flags,
            OperState = OperState,
            Master = Master,
            LinkedIndex = LinkedIndex,
            LinkNamespaceId = LinkNamespaceId,
            Group = Group,
            TxQueueLength = TxQueueLength,
            TxQueues = TxQueues,
            RxQueues = RxQueues,
            GsoMaxSize = GsoMaxSize,
            Promiscuity = Promiscuity,
            BridgePort = ReadBridgePort(),
            Bridge = ReadBridge(),
            Vxlan = ReadVxlan(),
        };
    }

    private static string Text(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? "" : Encoding.UTF8.GetString(utf8);
}
