namespace Twill.Linux.Uapi;

/// <summary>struct ifinfomsg, the header of link messages. Source: include/uapi/linux/rtnetlink.h.</summary>
public struct IfInfoMsg
{
    public byte ifi_family;
    public byte __ifi_pad;
    public ushort ifi_type; // ARPHRD_*
    public int ifi_index;
    public uint ifi_flags; // IFF_*
    public uint ifi_change; // which of ifi_flags are meant
}
