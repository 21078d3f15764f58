using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>Source: IFA_F_* in include/uapi/linux/if_addr.h.</summary>
[Flags]
public enum AddressFlags : uint
{
    None = 0,

    /// <summary>IPv4: not the first of its subnet on this link; goes away with the first. IPv6: temporary.</summary>
    Secondary = IfAddrUapi.IFA_F_SECONDARY,

    /// <summary>IPv6: usable at once, without a second of duplicate address detection.</summary>
    NoDad = IfAddrUapi.IFA_F_NODAD,
    Optimistic = IfAddrUapi.IFA_F_OPTIMISTIC,
    DadFailed = IfAddrUapi.IFA_F_DADFAILED,
    Deprecated = IfAddrUapi.IFA_F_DEPRECATED,
    Tentative = IfAddrUapi.IFA_F_TENTATIVE,

    /// <summary>Without a lifetime; the kernel says so, a request need not.</summary>
    Permanent = IfAddrUapi.IFA_F_PERMANENT,

    /// <summary>No route to the address's subnet comes with it.</summary>
    NoPrefixRoute = IfAddrUapi.IFA_F_NOPREFIXROUTE,
}
