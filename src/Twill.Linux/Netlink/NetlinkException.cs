using Twill.Linux.Sys;

namespace Twill.Linux.Netlink;

/// <summary>A netlink request that the kernel refused, with its own words.</summary>
public sealed class NetlinkException(string what, NetlinkOutcome outcome)
    : LinuxException(what, outcome.Errno, outcome.KernelText is null ? null : $"kernel: \"{outcome.KernelText}\"")
{
    /// <summary>The kernel's extended acknowledgement, e.g. "Nexthop has invalid gateway."; null where it gave none.</summary>
    public string? KernelText { get; } = outcome.KernelText;

    /// <summary>Bytes from the start of the request to the attribute complained of; -1 where the kernel named none.</summary>
    public int Offset { get; } = outcome.Offset;

    /// <summary>Which message of the batch failed, from 0.</summary>
    public int Index { get; } = outcome.Index;
}
