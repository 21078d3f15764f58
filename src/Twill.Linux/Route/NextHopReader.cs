using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Twill.Linux.Netlink;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>Walks RTA_MULTIPATH: a run of struct rtnexthop, each with attributes of its own.</summary>
public ref struct NextHopReader
{
    private ReadOnlySpan<byte> _rest;

    internal NextHopReader(ReadOnlySpan<byte> list)
    {
        _rest = list;
        Hop = default;
    }

    public NextHop Hop { get; private set; }

    /// <returns>False at the end.</returns>
    /// <exception cref="NetlinkProtocolException">A length below the header's or beyond the run.</exception>
    public bool Next()
    {
        int headerLength = Unsafe.SizeOf<RtNextHop>();
        if (_rest.Length < headerLength) return false;
        RtNextHop header = MemoryMarshal.Read<RtNextHop>(_rest);
        if (header.rtnh_len < headerLength || header.rtnh_len > _rest.Length) throw new NetlinkProtocolException($"next hop says {header.rtnh_len} bytes, {_rest.Length} are there");

        IpAddress? gateway = null;
        var attributes = new AttributeReader(_rest[headerLength..header.rtnh_len]);
        while (attributes.Next())
        {
            if (attributes.Type == RtnetlinkUapi.RTA_GATEWAY) gateway = attributes.Ip();
            else if (attributes.Type == RtnetlinkUapi.RTA_VIA) gateway = RouteView.ReadVia(attributes);
        }

        Hop = new NextHop
        {
            Gateway = gateway,
            Dev = header.rtnh_ifindex == 0 ? null : new IfIndex(header.rtnh_ifindex),
            Weight = header.rtnh_hops + 1,
            OnLink = (header.rtnh_flags & RtnetlinkUapi.RTNH_F_ONLINK) != 0,
        };
        int next = (header.rtnh_len + 3) & ~3;
        _rest = next >= _rest.Length ? [] : _rest[next..];
        return true;
    }
}
