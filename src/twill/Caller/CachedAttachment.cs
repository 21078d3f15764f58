using Twill.Cni;
using Twill.Linux.Netns;

namespace Twill.Caller;

/// <summary>An attachment as the cache remembers it.</summary>
/// <param name="NetNs">Empty where another program's older library wrote the file.</param>
/// <param name="Result">As the last plugin printed it.</param>
internal sealed record CachedAttachment(string Network, string ContainerId, string IfName, string NetNs, string Args, ReadOnlyMemory<byte> CapabilityArgs, ReadOnlyMemory<byte> Result)
{
    internal CniAttachment Key => new(ContainerId, IfName);

    /// <summary>Whether its namespace still is one: a file that outlived its mount is not.</summary>
    internal bool IsAlive
    {
        get
        {
            using NetworkNamespace? network = NetNs.Length > 0 ? NetworkNamespace.TryOpen(NetNs, out _) : null;
            return network is not null;
        }
    }

    internal AttachmentRequest Request => new(ContainerId, NetNs, IfName) { Args = Args, CapabilityArgs = CapabilityArgs };
}
