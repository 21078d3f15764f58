namespace Twill.Linux.Uapi;

/// <summary>struct rtnexthop, an element of RTA_MULTIPATH; its own attributes follow. Source: include/uapi/linux/rtnetlink.h.</summary>
public struct RtNextHop
{
    public ushort rtnh_len; // with the attributes
    public byte rtnh_flags; // RTNH_F_*
    public byte rtnh_hops; // weight less 1
    public int rtnh_ifindex;
}
