namespace Twill.Linux.Uapi;

/// <summary>struct rtmsg, the header of route messages. Source: include/uapi/linux/rtnetlink.h.</summary>
public struct RtMsg
{
    public byte rtm_family;
    public byte rtm_dst_len;
    public byte rtm_src_len;
    public byte rtm_tos;
    public byte rtm_table; // RT_TABLE_UNSPEC where RTA_TABLE says it
    public byte rtm_protocol; // RTPROT_*
    public byte rtm_scope; // RT_SCOPE_*
    public byte rtm_type; // RTN_*
    public uint rtm_flags; // RTM_F_* and RTNH_F_*
}
