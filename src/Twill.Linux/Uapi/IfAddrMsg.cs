namespace Twill.Linux.Uapi;

/// <summary>struct ifaddrmsg, the header of address messages. Source: include/uapi/linux/if_addr.h.</summary>
public struct IfAddrMsg
{
    public byte ifa_family;
    public byte ifa_prefixlen;
    public byte ifa_flags; // the low 8 bits of IFA_F_*
    public byte ifa_scope; // RT_SCOPE_*
    public uint ifa_index;
}
