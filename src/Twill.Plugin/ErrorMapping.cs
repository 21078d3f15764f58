using Twill.Cni;
using Twill.Fabric;
using Twill.Linux.Netlink;
using Twill.Linux.Sys;

namespace Twill.Plugin;

/// <summary>Every failure as the specification's error object. Pages: docs/errors/.</summary>
internal static class ErrorMapping
{
    internal static CniException ToCni(Exception e) => e switch
    {
        CniException cni => cni,
        FabricException fabric => new CniException(CodeOf(fabric.Kind), fabric.Message),
        NetlinkException netlink => new CniException(CodeOf(netlink.Errno), netlink.Message),
        LinuxException linux => new CniException(CodeOf(linux.Errno), linux.Message),
        _ => new CniException(CniErrorCode.Internal, $"a bug in twill: {e.GetType().Name}: {e.Message}", e.StackTrace ?? ""),
    };

    internal static int CodeOf(FabricFault fault) => fault switch
    {
        FabricFault.Configuration => CniErrorCode.InvalidConfig,
        FabricFault.Exhausted or FabricFault.Busy => CniErrorCode.TryAgainLater,
        FabricFault.AddressTaken or FabricFault.PortTaken or FabricFault.InterfaceTaken or FabricFault.Foreign => CniErrorCode.AlreadyExists,
        FabricFault.Drift => CniErrorCode.CheckFailed,
        _ => CniErrorCode.InvalidEnvironment,
    };

    private static int CodeOf(Errno errno) => errno is Errno.EAGAIN or Errno.EBUSY or Errno.EINTR or Errno.ENOBUFS or Errno.ENOMEM ? CniErrorCode.TryAgainLater : CniErrorCode.KernelRefused;
}
