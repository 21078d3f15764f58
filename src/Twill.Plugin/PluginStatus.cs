using Twill.Cni;
using Twill.Fabric;
using Twill.Fabric.Apply;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Plugin;

/// <summary>STATUS: would an ADD succeed now? Asked every few seconds by runtimes: one look at bridge and links, no side effect.</summary>
internal static class PluginStatus
{
    internal static void Run(CniInvocation invocation, NetworkConfig config)
    {
        if (!config.Ipam.IsOurs) new IpamDelegate(invocation, config).Status();
        try
        {
            if (!StandardStreams.IsRoot) throw new CniException(CniErrorCode.NotAvailable, "twill must run as root to attach pods");
            using RouteSocket host = RouteSocket.Open();
            NetworkReadiness.Check(host, Translation.ToNetwork(config));
        }
        catch (Exception e) when (e is FabricException or LinuxException)
        {
            throw new CniException(CniErrorCode.NotAvailable, e.Message);
        }
    }
}
