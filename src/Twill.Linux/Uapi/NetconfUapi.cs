namespace Twill.Linux.Uapi;

/// <summary>Attributes of a network setting's notification. Source: include/uapi/linux/netconf.h.</summary>
public static class NetconfUapi
{
    public const ushort NETCONFA_IFINDEX = 1, NETCONFA_FORWARDING = 2, NETCONFA_RP_FILTER = 3;

    /// <summary>In place of an interface's index.</summary>
    public const int NETCONFA_IFINDEX_ALL = -1, NETCONFA_IFINDEX_DEFAULT = -2;
}
