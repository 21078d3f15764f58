using Twill.Cni;
using Twill.Linux.Netns;
using Twill.Linux.Sys;

namespace Twill.Plugin;

/// <summary>CNI_NETNS, opened and looked at before anything is done in it.</summary>
internal static class PodNamespace
{
    /// <exception cref="CniException">4: not there, or no network namespace. 8: it is our own.</exception>
    internal static NetworkNamespace Open(CniInvocation invocation)
    {
        string path = invocation.NetNs;
        NetworkNamespace? network = NetworkNamespace.TryOpen(path, out Errno errno);
        if (network is null)
        {
            throw new CniException(CniErrorCode.InvalidEnvironment, errno switch
            {
                Errno.ENOENT => $"CNI_NETNS {CniException.Quote(path)} does not exist: the container has ended, or its namespace was never made",
                Errno.EINVAL => $"CNI_NETNS {CniException.Quote(path)} is not a network namespace",
                _ => $"CNI_NETNS {CniException.Quote(path)} cannot be opened: {errno.Name} {errno.Text}",
            });
        }

        if (invocation.NetNsOverride || !network.IsOwn()) return network;
        network.Dispose();
        throw new CniException(CniErrorCode.InvalidNetNs, $"CNI_NETNS {CniException.Quote(path)} is the namespace that this plugin runs in, the node's own: a pod needs one of its own (CNI_NETNS_OVERRIDE=1 allows it)");
    }
}
