using Twill.Linux.Sys;

namespace Twill.Linux.Netlink;

/// <summary>What the kernel answered to a batch: success, or the first message it refused.</summary>
/// <param name="Errno">None on success.</param>
/// <param name="Index">The refused message's place in the batch, from 0.</param>
/// <param name="KernelText">The extended acknowledgement's sentence, if any.</param>
/// <param name="Offset">Offset in bytes of the attribute complained of, from the message's start; -1 if not named.</param>
public readonly record struct NetlinkOutcome(Errno Errno, int Index = 0, string? KernelText = null, int Offset = -1)
{
    public static NetlinkOutcome Success => new(Errno.None);

    public bool Ok => Errno == Errno.None;

    /// <exception cref="NetlinkException">The batch was refused.</exception>
    public void ThrowIfFailed(string what)
    {
        if (!Ok) throw new NetlinkException(what, this);
    }
}
