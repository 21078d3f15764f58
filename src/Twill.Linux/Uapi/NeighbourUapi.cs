namespace Twill.Linux.Uapi;

/// <summary>Source: include/uapi/linux/neighbour.h.</summary>
public static class NeighbourUapi
{
    /// <summary>Attributes of a neighbour or a forwarding entry.</summary>
    public const ushort NDA_UNSPEC = 0, NDA_DST = 1, NDA_LLADDR = 2, NDA_CACHEINFO = 3, NDA_PROBES = 4, NDA_VLAN = 5, NDA_PORT = 6;
    public const ushort NDA_VNI = 7, NDA_IFINDEX = 8, NDA_MASTER = 9, NDA_LINK_NETNSID = 10, NDA_SRC_VNI = 11, NDA_PROTOCOL = 12;
    public const ushort NDA_NH_ID = 13, NDA_FDB_EXT_ATTRS = 14, NDA_FLAGS_EXT = 15, NDA_NDM_STATE_MASK = 16, NDA_NDM_FLAGS_MASK = 17;

    /// <summary>ndm_flags.</summary>
    public const byte NTF_USE = 0x1, NTF_SELF = 0x2, NTF_MASTER = 0x4, NTF_PROXY = 0x8, NTF_EXT_LEARNED = 0x10, NTF_OFFLOADED = 0x20, NTF_STICKY = 0x40;
    public const byte NTF_ROUTER = 0x80;

    /// <summary>NDA_FLAGS_EXT.</summary>
    public const uint NTF_EXT_MANAGED = 0x1;

    /// <summary>ndm_state.</summary>
    public const ushort NUD_INCOMPLETE = 0x1, NUD_REACHABLE = 0x2, NUD_STALE = 0x4, NUD_DELAY = 0x8, NUD_PROBE = 0x10;
    public const ushort NUD_FAILED = 0x20, NUD_NOARP = 0x40, NUD_PERMANENT = 0x80, NUD_NONE = 0x0;
}
