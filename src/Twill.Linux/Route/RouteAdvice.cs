using Twill.Linux.Sys;

namespace Twill.Linux.Route;

/// <summary>The fourth part of an error: what to do about it.</summary>
public static class RouteAdvice
{
    public static string? For(Errno errno) => errno switch
    {
        Errno.EPERM => "needs CAP_NET_ADMIN in the user namespace that owns the network namespace",
        Errno.ENODEV => "no such interface here; `ip link` lists those there are",
        Errno.EOPNOTSUPP => "this kernel cannot do it for this object: is the driver's module loaded (`lsmod`)?",
        Errno.ENETUNREACH or Errno.EHOSTUNREACH => "the gateway must be on a link of this namespace that is up, or the route must say onlink; `ip route get` explains the gateway",
        Errno.ENETDOWN => "the interface is down; set it up first",
        Errno.EEXIST => "it is there already; use the Replace of its kind, or look who made it",
        Errno.EINTR => "others change this table faster than it can be read; ask again",
        Errno.ERANGE => "a name or number is longer or larger than the kernel takes: names 15 bytes, alternative names 127",
        Errno.ENOBUFS or Errno.ENOMEM => "the kernel is out of memory for this; `dmesg` says more",
        _ => null,
    };
}
