namespace Twill.Linux.Uapi;

/// <summary>struct tc_u32_sel, TCA_U32_SEL; the keys follow. Source: include/uapi/linux/pkt_cls.h.</summary>
public struct TcU32Sel
{
    public byte flags; // TC_U32_*
    public byte offshift;
    public byte nkeys;
    public byte __pad;
    public ushort offmask; // network order
    public ushort off;
    public short offoff;
    public short hoff;
    public uint hmask; // network order
}
