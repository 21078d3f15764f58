using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>A route as the kernel told it, read without allocating. Valid as long as the message.</summary>
/// <remarks>Source: RTM_NEWROUTE, include/uapi/linux/rtnetlink.h.</remarks>
public readonly ref struct RouteView
{
    private readonly ReadOnlySpan<byte> _nextHops;

    /// <exception cref="NetlinkProtocolException">Lengths that contradict each other, or another family than IPv4 and IPv6: see <see cref="IsIp(byte)"/>.</exception>
    public RouteView(in NetlinkMessage message)
    {
        RtMsg header = message.Header<RtMsg>();
        if (!IsIp(header.rtm_family)) throw new NetlinkProtocolException($"a route of address family {header.rtm_family}");
        bool v6 = header.rtm_family == 10;
        uint table = header.rtm_table;
        var destination = new IpAddress(UInt128.Zero, v6);
        Protocol = new RouteProtocol(header.rtm_protocol);
        Scope = (RouteScope)header.rtm_scope;
        Type = (RouteType)header.rtm_type;
        Flags = header.rtm_flags;

        AttributeReader attributes = message.Attributes<RtMsg>();
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case RtnetlinkUapi.RTA_DST: destination = attributes.Ip(); break;
                case RtnetlinkUapi.RTA_GATEWAY: Gateway = attributes.Ip(); break;
                case RtnetlinkUapi.RTA_VIA: Gateway = ReadVia(attributes); break;
                case RtnetlinkUapi.RTA_OIF: Dev = new IfIndex(attributes.I32()); break;
                case RtnetlinkUapi.RTA_PREFSRC: PreferredSource = attributes.Ip(); break;
                case RtnetlinkUapi.RTA_PRIORITY: Priority = attributes.U32(); break;
                case RtnetlinkUapi.RTA_TABLE: table = attributes.U32(); break;
                case RtnetlinkUapi.RTA_MULTIPATH: _nextHops = attributes.Payload; break;
                case RtnetlinkUapi.RTA_NH_ID: NextHopId = attributes.U32(); break;
                case RtnetlinkUapi.RTA_METRICS:
                    AttributeReader metrics = attributes.Nested();
                    while (metrics.Next())
                    {
                        switch (metrics.Type)
                        {
                            case RtnetlinkUapi.RTAX_MTU: Mtu = new Mtu(metrics.I32()); break;
                            case RtnetlinkUapi.RTAX_ADVMSS: AdvMss = metrics.I32(); break;
                            case RtnetlinkUapi.RTAX_LOCK: LockMtu = (metrics.U32() >> RtnetlinkUapi.RTAX_MTU & 1) != 0; break;
                            default: break;
                        }
                    }

                    break;
                default: break;
            }
        }

        if (destination.IsV6 != v6) throw new NetlinkProtocolException("a route whose destination is of another family");
        Destination = RouteAttributes.Prefix(destination, header.rtm_dst_len);
        Table = new RouteTable(table);
    }

    public IpPrefix Destination { get; }

    public IpAddress? Gateway { get; }

    public IfIndex? Dev { get; }

    public RouteTable Table { get; }

    public RouteProtocol Protocol { get; }

    public RouteScope Scope { get; }

    public RouteType Type { get; }

    /// <summary>RTM_F_* and RTNH_F_*.</summary>
    public uint Flags { get; }

    /// <summary>The metric; the kernel leaves out 0.</summary>
    public uint Priority { get; }

    public IpAddress? PreferredSource { get; }

    public Mtu? Mtu { get; }

    public bool LockMtu { get; }

    public int? AdvMss { get; }

    /// <summary>0: the route names its next hop itself.</summary>
    public uint NextHopId { get; }

    public bool OnLink => (Flags & RtnetlinkUapi.RTNH_F_ONLINK) != 0;

    /// <summary>The ways of a multipath route; none otherwise.</summary>
    public NextHopReader NextHops => new(_nextHops);

    /// <summary>Dumps of all families also answer multicast and MPLS routes, which have headers of their own.</summary>
    public static bool IsIp(byte family) => family is 2 or 10;

    /// <inheritdoc cref="IsIp(byte)"/>
    public static bool IsIp(in NetlinkMessage message) => message.Payload.Length > 0 && IsIp(message.Payload[0]);

    /// <summary>A copy that outlives the message.</summary>
    public Route ToRoute()
    {
        List<NextHop>? hops = null;
        NextHopReader reader = NextHops;
        while (reader.Next()) (hops ??= []).Add(reader.Hop);
        return new Route
        {
            Destination = Destination,
            Gateway = Gateway,
            Dev = Dev,
            Table = Table,
            Protocol = Protocol,
            Scope = Scope,
            Type = Type,
            Priority = Priority,
            PreferredSource = PreferredSource,
            OnLink = OnLink,
            Mtu = Mtu,
            LockMtu = LockMtu,
            AdvMss = AdvMss,
            NextHopId = NextHopId,
            NextHops = hops is null ? [] : hops,
        };
    }

    /// <summary>struct rtvia: address family, then the address.</summary>
    internal static IpAddress ReadVia(in AttributeReader attribute)
        => attribute.Payload.Length is 6 or 18
            ? IpAddress.Read(attribute.Payload[2..])
            : throw new NetlinkProtocolException($"RTA_VIA of {attribute.Payload.Length} bytes");
}
