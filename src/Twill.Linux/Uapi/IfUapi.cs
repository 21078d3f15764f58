namespace Twill.Linux.Uapi;

/// <summary>Source: include/uapi/linux/if.h.</summary>
public static class IfUapi
{
    /// <summary>Sizes in bytes with the terminating NUL: a name, an alias, an alternative name.</summary>
    public const int IFNAMSIZ = 16, IFALIASZ = 256, ALTIFNAMSIZ = 128;

    /// <summary>ifi_flags.</summary>
    public const uint IFF_UP = 0x1, IFF_BROADCAST = 0x2, IFF_DEBUG = 0x4, IFF_LOOPBACK = 0x8, IFF_POINTOPOINT = 0x10;
    public const uint IFF_NOTRAILERS = 0x20, IFF_RUNNING = 0x40, IFF_NOARP = 0x80, IFF_PROMISC = 0x100, IFF_ALLMULTI = 0x200;
    public const uint IFF_MASTER = 0x400, IFF_SLAVE = 0x800, IFF_MULTICAST = 0x1000, IFF_PORTSEL = 0x2000, IFF_AUTOMEDIA = 0x4000;
    public const uint IFF_DYNAMIC = 0x8000, IFF_LOWER_UP = 0x10000, IFF_DORMANT = 0x20000, IFF_ECHO = 0x40000;

    /// <summary>IFLA_OPERSTATE, RFC 2863.</summary>
    public const byte IF_OPER_UNKNOWN = 0, IF_OPER_NOTPRESENT = 1, IF_OPER_DOWN = 2, IF_OPER_LOWERLAYERDOWN = 3, IF_OPER_TESTING = 4;
    public const byte IF_OPER_DORMANT = 5, IF_OPER_UP = 6;
}
