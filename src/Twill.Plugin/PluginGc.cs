using Twill.Cni;
using Twill.Fabric.Apply;
using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Plugin;

/// <summary>GC: what no valid attachment needs goes. Errors are collected: one stale object must not keep the others.</summary>
internal static class PluginGc
{
    internal static void Run(CniInvocation invocation, NetworkConfig config)
    {
        CniException? first = null;
        if (!config.Ipam.IsOurs)
        {
            try
            {
                new IpamDelegate(invocation, config).Gc();
            }
            catch (CniException e)
            {
                first = e;
            }
        }

        // No list is not an empty list: then nothing is known about what is valid, and nothing is done.
        if (config.ValidAttachments is { } valid)
        {
            try
            {
                using RouteSocket host = RouteSocket.Open();
                var owners = new List<Owner>(valid.Count * 2);
                foreach (CniAttachment attachment in valid)
                {
                    var owner = new Owner(attachment.ContainerId, attachment.IfName);
                    owners.Add(owner);
                    owners.Add(IpamPlugin.OwnerOf(owner));
                }

                NetworkSweeper.Sweep(host, config.Name, owners);
            }
            catch (Exception e) when (first is not null)
            {
                CniException second = ErrorMapping.ToCni(e);
                throw new CniException(second.Code, $"{first.Message}; and: {second.Message}");
            }
        }

        if (first is not null) throw first;
    }
}
