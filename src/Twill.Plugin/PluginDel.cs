using Twill.Cni;
using Twill.Fabric.Apply;
using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Plugin;

/// <summary>DEL. What to free is what the kernel says belongs to this container; the configuration only names a delegate.</summary>
internal static class PluginDel
{
    internal static void Run(CniInvocation invocation, NetworkConfig config, bool asIpam)
    {
        // The delegate is told even when there is nothing of ours, and even when the namespace has gone; ours goes first, so that
        // an address is never free while an interface still answers to it.
        Undo(invocation, asIpam);
        if (!asIpam && !config.Ipam.IsOurs) new IpamDelegate(invocation, config).Del();
    }

    internal static void Undo(CniInvocation invocation, bool asIpam = false)
    {
        using RouteSocket host = RouteSocket.Open();
        var owner = new Owner(invocation.ContainerId, invocation.IfName);
        PodDetacher.Detach(host, asIpam ? IpamPlugin.OwnerOf(owner) : owner);
    }
}
