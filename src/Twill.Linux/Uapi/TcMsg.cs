namespace Twill.Linux.Uapi;

/// <summary>struct tcmsg, the header of qdisc and filter messages. Source: include/uapi/linux/rtnetlink.h.</summary>
public struct TcMsg
{
    public byte tcm_family;
    public byte tcm__pad1;
    public ushort tcm__pad2;
    public int tcm_ifindex;
    public uint tcm_handle;
    public uint tcm_parent; // TC_H_*
    public uint tcm_info; // of a filter: priority in the high 16 bits, protocol in network order in the low
}
