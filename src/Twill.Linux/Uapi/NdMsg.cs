namespace Twill.Linux.Uapi;

/// <summary>struct ndmsg, the header of neighbour and forwarding messages. Source: include/uapi/linux/neighbour.h.</summary>
public struct NdMsg
{
    public byte ndm_family;
    public byte ndm_pad1;
    public ushort ndm_pad2;
    public int ndm_ifindex;
    public ushort ndm_state; // NUD_*
    public byte ndm_flags; // NTF_*
    public byte ndm_type; // RTN_*
}
