namespace Twill.Linux.Uapi;

/// <summary>struct nda_cacheinfo, NDA_CACHEINFO; times in hundredths of a second. Source: include/uapi/linux/neighbour.h.</summary>
public struct NdaCacheInfo
{
    public uint ndm_confirmed;
    public uint ndm_used;
    public uint ndm_updated;
    public uint ndm_refcnt;
}
