namespace Twill.Linux.Uapi;

/// <summary>Source: include/uapi/linux/net_namespace.h.</summary>
public static class NetNamespaceUapi
{
    /// <summary>Attributes of RTM_NEWNSID and RTM_GETNSID.</summary>
    public const ushort NETNSA_NONE = 0, NETNSA_NSID = 1, NETNSA_PID = 2, NETNSA_FD = 3, NETNSA_TARGET_NSID = 4;
    public const ushort NETNSA_CURRENT_NSID = 5;

    /// <summary>The answer where no id was given.</summary>
    public const int NETNSA_NSID_NOT_ASSIGNED = -1;
}
