using Twill.Linux.Sys;

namespace Twill.Linux.Netlink;

/// <summary>A netlink request that the kernel refused, with its own words.</summary>
/// <param name="what">What failed, on which object.</param>
/// <param name="advice">What to do about it; null where nothing better than the kernel's words is known.</param>
public sealed class NetlinkException(string what, NetlinkOutcome outcome, string? advice = null)
    : LinuxException(what, outcome.Errno, Detail(outcome.KernelText, advice))
{
    /// <summary>The kernel's extended acknowledgement, e.g. "Nexthop has invalid gateway."; null where it gave none.</summary>
    public string? KernelText { get; } = outcome.KernelText;

    /// <summary>Bytes from the start of the request to the attribute complained of; -1 where the kernel named none.</summary>
    public int Offset { get; } = outcome.Offset;

    /// <summary>Which message of the batch failed, from 0.</summary>
    public int Index { get; } = outcome.Index;

    /// <summary>What to do, if known.</summary>
    public string? Advice { get; } = advice;

    private static string? Detail(string? kernelText, string? advice)
    {
        string? kernel = kernelText is null ? null : $"kernel: \"{kernelText}\"";
        return kernel is null || advice is null ? kernel ?? advice : $"{kernel}; {advice}";
    }
}
