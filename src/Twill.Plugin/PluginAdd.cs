using Twill.Cni;
using Twill.Fabric.Apply;
using Twill.Fabric.Model;
using Twill.Linux.Netns;
using Twill.Linux.Route;

namespace Twill.Plugin;

/// <summary>ADD.</summary>
internal static class PluginAdd
{
    /// <returns>The result for stdout.</returns>
    internal static byte[] Run(CniInvocation invocation, NetworkConfig config)
    {
        using NetworkNamespace network = PodNamespace.Open(invocation);
        using RouteSocket host = RouteSocket.Open();
        if (config.Ipam.IsOurs) return Attach(invocation, config, network, host, null);

        // What is attached already has a lease there, and undoing our refusal would give it back.
        new PodAttacher(host).RequireUnattached(new PodRequest { Owner = new Owner(invocation.ContainerId, invocation.IfName), Namespace = network });
        var ipam = new IpamDelegate(invocation, config);
        CniResult delegated = ipam.Add();
        try
        {
            return Attach(invocation, config, network, host, delegated);
        }
        catch
        {
            // What the other plugin has reserved must not outlive our failure; its own failure to free is told on stderr only.
            ipam.TryDel();
            throw;
        }
    }

    private static byte[] Attach(CniInvocation invocation, NetworkConfig config, NetworkNamespace network, RouteSocket host, CniResult? delegated)
    {
        NetworkSettings settings = Translation.ToNetwork(config);
        if (delegated is { Routes.Count: > 0 }) settings = settings with { Routes = [.. settings.Routes, .. Translation.Map(delegated.Routes, Translation.ToRoute)] };
        PodRequest request = Translation.ToRequest(invocation, config, network, delegated);
        PodAttachment attachment = new PodAttacher(host).Attach(settings, request);
        try
        {
            CniResult ours = Translation.ToResult(attachment, invocation.IfName, invocation.NetNs, DnsOf(config, delegated));
            return Translation.Append(config.PrevResult, ours).Write(config.CniVersion);
        }
        catch
        {
            // The form of an old version cannot carry this result: then there is no attachment either.
            PodDetacher.Detach(host, request.Owner);
            throw;
        }
    }

    /// <summary>The runtime's wish, else the configuration's, else what address management says.</summary>
    private static CniDns DnsOf(NetworkConfig config, CniResult? delegated)
        => config.RuntimeConfig.Dns ?? config.Dns ?? delegated?.Dns ?? (config.Ipam.ResolvConf is { Length: > 0 } path ? ResolvConf.Read(path) : CniDns.Empty);
}
