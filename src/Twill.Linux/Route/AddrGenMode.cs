using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>How a link makes its own IPv6 addresses. Source: enum in6_addr_gen_mode, include/uapi/linux/if_link.h.</summary>
public enum AddrGenMode : byte
{
    Eui64 = IfLinkUapi.IN6_ADDR_GEN_MODE_EUI64,
    None = IfLinkUapi.IN6_ADDR_GEN_MODE_NONE,
    StablePrivacy = IfLinkUapi.IN6_ADDR_GEN_MODE_STABLE_PRIVACY,
    Random = IfLinkUapi.IN6_ADDR_GEN_MODE_RANDOM,
}
