namespace Twill.Linux.Uapi;

/// <summary>struct tc_mirred, TCA_MIRRED_PARMS: the fields of every action (tc_gen), then its own. Source: include/uapi/linux/tc_act/tc_mirred.h.</summary>
public struct TcMirred
{
    public uint index;
    public uint capab;
    public int action; // TC_ACT_*
    public int refcnt;
    public int bindcnt;
    public int eaction; // TCA_EGRESS_*, TCA_INGRESS_*
    public uint ifindex;
}
