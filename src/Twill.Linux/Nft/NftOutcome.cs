using Twill.Linux.Netlink;
using Twill.Linux.Sys;

namespace Twill.Linux.Nft;

/// <summary>What the kernel answered to a transaction: all of it, or nothing and why.</summary>
/// <param name="Kernel">The first refused message.</param>
/// <param name="What">What failed on which object, e.g. "cannot add rule to chain inet twill postrouting"; null on success.</param>
public readonly record struct NftOutcome(NetlinkOutcome Kernel, string? What = null)
{
    public bool Ok => Kernel.Ok;

    public Errno Errno => Kernel.Errno;

    /// <summary>Someone changed a ruleset since the generation the transaction expects. Read again, decide again.</summary>
    public bool GenerationChanged => Errno == Errno.ERESTART;

    /// <exception cref="NetlinkException">Refused; <see cref="NetlinkException.KernelText"/> has the kernel's words.</exception>
    public void ThrowIfFailed()
    {
        if (!Ok) throw new NetlinkException(What ?? "cannot change nftables", Kernel);
    }

    public override string ToString() => Ok ? "ok" : $"{What}: {Errno.Name} {Errno.Text}{(Kernel.KernelText is null ? "" : $"; kernel: \"{Kernel.KernelText}\"")}";
}
