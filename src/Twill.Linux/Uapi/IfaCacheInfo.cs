namespace Twill.Linux.Uapi;

/// <summary>struct ifa_cacheinfo, IFA_CACHEINFO; lifetimes in seconds, uint.MaxValue is for ever. Source: include/uapi/linux/if_addr.h.</summary>
public struct IfaCacheInfo
{
    public uint ifa_prefered; // the kernel's spelling
    public uint ifa_valid;
    public uint cstamp; // hundredths of a second since boot
    public uint tstamp;
}
