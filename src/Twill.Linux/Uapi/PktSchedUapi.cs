namespace Twill.Linux.Uapi;

/// <summary>Source: include/uapi/linux/pkt_sched.h.</summary>
public static class PktSchedUapi
{
    /// <summary>Handles: 16 bits of qdisc, 16 of class.</summary>
    public const uint TC_H_UNSPEC = 0x0, TC_H_ROOT = 0xffffffff, TC_H_INGRESS = 0xfffffff1, TC_H_CLSACT = 0xfffffff1;
    public const uint TC_H_MIN_INGRESS = 0xfff2, TC_H_MIN_EGRESS = 0xfff3, TC_H_MAJ_MASK = 0xffff0000, TC_H_MIN_MASK = 0xffff;

    /// <summary>tc_ratespec.linklayer.</summary>
    public const byte TC_LINKLAYER_UNAWARE = 0, TC_LINKLAYER_ETHERNET = 1, TC_LINKLAYER_ATM = 2;

    /// <summary>Entries of a rate table, 4 bytes each; its size.</summary>
    public const int TC_RTAB_SIZE = 1024;

    /// <summary>TCA_OPTIONS of kind "tbf".</summary>
    public const ushort TCA_TBF_UNSPEC = 0, TCA_TBF_PARMS = 1, TCA_TBF_RTAB = 2, TCA_TBF_PTAB = 3, TCA_TBF_RATE64 = 4;
    public const ushort TCA_TBF_PRATE64 = 5, TCA_TBF_BURST = 6, TCA_TBF_PBURST = 7;
}
