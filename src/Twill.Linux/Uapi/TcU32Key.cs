namespace Twill.Linux.Uapi;

/// <summary>struct tc_u32_key. Source: include/uapi/linux/pkt_cls.h.</summary>
public struct TcU32Key
{
    public uint mask; // network order
    public uint val; // network order
    public int off;
    public int offmask;
}
