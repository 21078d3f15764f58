namespace Twill.Linux.Uapi;

/// <summary>struct tc_ratespec. Source: include/uapi/linux/pkt_sched.h.</summary>
public struct TcRateSpec
{
    public byte cell_log; // a rate table has one entry per 1 << cell_log bytes
    public byte linklayer; // TC_LINKLAYER_*
    public ushort overhead;
    public short cell_align;
    public ushort mpu;
    public uint rate; // bytes per second; uint.MaxValue where a RATE64 attribute says it
}
