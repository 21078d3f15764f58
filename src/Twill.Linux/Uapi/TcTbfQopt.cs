namespace Twill.Linux.Uapi;

/// <summary>struct tc_tbf_qopt, TCA_TBF_PARMS. Source: include/uapi/linux/pkt_sched.h.</summary>
public struct TcTbfQopt
{
    public TcRateSpec rate;
    public TcRateSpec peakrate;
    public uint limit; // bytes
    public uint buffer; // the burst, in ticks of 64 ns at the rate
    public uint mtu;
}
