namespace Twill.Linux.Uapi;

/// <summary>Source: include/uapi/linux/if_addr.h.</summary>
public static class IfAddrUapi
{
    /// <summary>Attributes of an address.</summary>
    public const ushort IFA_UNSPEC = 0, IFA_ADDRESS = 1, IFA_LOCAL = 2, IFA_LABEL = 3, IFA_BROADCAST = 4, IFA_ANYCAST = 5;
    public const ushort IFA_CACHEINFO = 6, IFA_MULTICAST = 7, IFA_FLAGS = 8, IFA_RT_PRIORITY = 9, IFA_TARGET_NETNSID = 10;
    public const ushort IFA_PROTO = 11;

    /// <summary>IFA_FLAGS, the low 8 bits also ifa_flags.</summary>
    public const uint IFA_F_SECONDARY = 0x1, IFA_F_TEMPORARY = 0x1, IFA_F_NODAD = 0x2, IFA_F_OPTIMISTIC = 0x4, IFA_F_DADFAILED = 0x8;
    public const uint IFA_F_HOMEADDRESS = 0x10, IFA_F_DEPRECATED = 0x20, IFA_F_TENTATIVE = 0x40, IFA_F_PERMANENT = 0x80;
    public const uint IFA_F_MANAGETEMPADDR = 0x100, IFA_F_NOPREFIXROUTE = 0x200, IFA_F_MCAUTOJOIN = 0x400;

    /// <summary>IFA_PROTO: who made the address.</summary>
    public const byte IFAPROT_UNSPEC = 0, IFAPROT_KERNEL_LO = 1, IFAPROT_KERNEL_RA = 2, IFAPROT_KERNEL_LL = 3;
}
