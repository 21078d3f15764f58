using Twill.Cni;
using Twill.Linux.Netns;

namespace Twill.Caller;

/// <summary>An attachment as the cache remembers it.</summary>
/// <param name="NetNs">Empty where nothing tells.</param>
/// <param name="Result">As the last plugin printed it.</param>
internal sealed record CachedAttachment(string Network, string ContainerId, string IfName, string NetNs, string Args, ReadOnlyMemory<byte> CapabilityArgs, ReadOnlyMemory<byte> Result)
{
    internal CniAttachment Key => new(ContainerId, IfName);

    /// <summary>Whether its namespace still is one: a file that outlived its mount is not. One that nobody knows counts as alive.</summary>
    internal bool IsAlive
    {
        get
        {
            if (NetNs.Length == 0) return true;
            using NetworkNamespace? network = NetworkNamespace.TryOpen(NetNs, out _);
            return network is not null;
        }
    }

    internal AttachmentRequest Request => new(ContainerId, NetNs, IfName) { Args = Args, CapabilityArgs = CapabilityArgs };
}
