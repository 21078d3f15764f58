namespace Twill.Linux.Uapi;

/// <summary>Source: include/uapi/linux/veth.h.</summary>
public static class VethUapi
{
    /// <summary>IFLA_INFO_DATA of kind "veth": a struct ifinfomsg and the peer's IFLA_* attributes.</summary>
    public const ushort VETH_INFO_PEER = 1;
}
