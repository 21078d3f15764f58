namespace Twill.Linux.Uapi;

/// <summary>struct rtgenmsg, the header of namespace id messages; padded to 4 bytes on the wire. Source: include/uapi/linux/rtnetlink.h.</summary>
public struct RtGenMsg
{
    public byte rtgen_family;
}
