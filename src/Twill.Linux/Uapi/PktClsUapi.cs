namespace Twill.Linux.Uapi;

/// <summary>Source: include/uapi/linux/pkt_cls.h and tc_act/tc_mirred.h.</summary>
public static class PktClsUapi
{
    /// <summary>Inside one action.</summary>
    public const ushort TCA_ACT_UNSPEC = 0, TCA_ACT_KIND = 1, TCA_ACT_OPTIONS = 2, TCA_ACT_INDEX = 3, TCA_ACT_STATS = 4;

    /// <summary>What becomes of the packet.</summary>
    public const int TC_ACT_UNSPEC = -1, TC_ACT_OK = 0, TC_ACT_RECLASSIFY = 1, TC_ACT_SHOT = 2, TC_ACT_PIPE = 3, TC_ACT_STOLEN = 4;
    public const int TC_ACT_QUEUED = 5, TC_ACT_REPEAT = 6, TC_ACT_REDIRECT = 7;

    /// <summary>TCA_OPTIONS of kind "u32".</summary>
    public const ushort TCA_U32_UNSPEC = 0, TCA_U32_CLASSID = 1, TCA_U32_HASH = 2, TCA_U32_LINK = 3, TCA_U32_DIVISOR = 4;
    public const ushort TCA_U32_SEL = 5, TCA_U32_POLICE = 6, TCA_U32_ACT = 7, TCA_U32_INDEV = 8, TCA_U32_PCNT = 9, TCA_U32_MARK = 10;
    public const ushort TCA_U32_FLAGS = 11;

    /// <summary>tc_u32_sel.flags.</summary>
    public const byte TC_U32_TERMINAL = 1, TC_U32_OFFSET = 2, TC_U32_VAROFFSET = 4, TC_U32_EAT = 8;

    /// <summary>TCA_OPTIONS of kind "matchall".</summary>
    public const ushort TCA_MATCHALL_UNSPEC = 0, TCA_MATCHALL_CLASSID = 1, TCA_MATCHALL_ACT = 2, TCA_MATCHALL_FLAGS = 3;

    /// <summary>Action "mirred".</summary>
    public const ushort TCA_MIRRED_UNSPEC = 0, TCA_MIRRED_TM = 1, TCA_MIRRED_PARMS = 2;

    /// <summary>tc_mirred.eaction.</summary>
    public const int TCA_EGRESS_REDIR = 1, TCA_EGRESS_MIRROR = 2, TCA_INGRESS_REDIR = 3, TCA_INGRESS_MIRROR = 4;
}
