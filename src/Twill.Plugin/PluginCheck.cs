using Twill.Cni;
using Twill.Fabric.Apply;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netns;
using Twill.Linux.Route;

namespace Twill.Plugin;

/// <summary>CHECK: prevResult against the kernel. Changes nothing.</summary>
internal static class PluginCheck
{
    internal static void Run(CniInvocation invocation, NetworkConfig config, bool asIpam)
    {
        CniResult previous = config.PrevResult ?? throw new CniException(CniErrorCode.InvalidConfig, "CHECK needs prevResult, the result of the ADD");
        if (asIpam)
        {
            IpamPlugin.Check(invocation, config, previous);
            return;
        }

        if (!config.Ipam.IsOurs) new IpamDelegate(invocation, config).Check();
        using NetworkNamespace network = PodNamespace.Open(invocation);
        using RouteSocket host = RouteSocket.Open();
        NetworkSettings settings = Translation.ToNetwork(config);
        PodRequest request = Translation.ToRequest(invocation, config, network, null);
        PodChecker.Check(host, settings, request, Expect(invocation, settings, request, previous));
    }

    /// <summary>What of prevResult is ours: the bridge, the host end, and the interface by name in this sandbox, with its addresses and the routes that our configuration makes.</summary>
    private static PodExpectation Expect(CniInvocation invocation, NetworkSettings settings, PodRequest request, CniResult previous)
    {
        CniInterface? bridge = null, hostEnd = null, pod = null;
        int podIndex = -1;
        for (int i = 0; i < previous.Interfaces.Count; i++)
        {
            CniInterface candidate = previous.Interfaces[i];
            bool inside = !string.IsNullOrEmpty(candidate.Sandbox);
            if (inside && candidate.Name == invocation.IfName)
            {
                if (candidate.Sandbox != invocation.NetNs) throw new CniException(CniErrorCode.CheckFailed, $"prevResult has {candidate.Name} in sandbox {candidate.Sandbox}, CNI_NETNS is {invocation.NetNs}");
                pod = candidate;
                podIndex = i;
            }
            else if (!inside && candidate.Name == settings.Bridge.Name)
            {
                bridge = candidate;
            }
            else if (!inside && candidate.Name.StartsWith(ClaimName.Prefix, StringComparison.Ordinal))
            {
                hostEnd = candidate;
            }
        }

        // The old forms list no interfaces: then every address is the one interface's.
        bool listed = previous.Interfaces.Count > 0;
        if (listed && pod is null) throw new CniException(CniErrorCode.CheckFailed, $"prevResult lists no interface {invocation.IfName} in a sandbox");
        var addresses = new List<PodAddress>();
        foreach (CniIp ip in previous.Ips)
        {
            if (!listed || ip.Interface == podIndex || ip.Interface is null) addresses.Add(Translation.ToAddress(ip));
        }

        var routes = new List<PodRoute>();
        foreach (PodRoute route in PodPlan.For(settings, request, addresses, 0).Routes)
        {
            if (previous.Routes.Count == 0 || Lists(previous, route)) routes.Add(route);
        }

        return new PodExpectation
        {
            BridgeMac = MacOf(bridge),
            HostName = hostEnd?.Name,
            HostMac = MacOf(hostEnd),
            PodMac = MacOf(pod),
            PodUp = settings.PodInterfaceUp,
            Addresses = addresses,
            Routes = routes,
        };
    }

    private static bool Lists(CniResult previous, PodRoute route)
    {
        foreach (CniRoute listed in previous.Routes)
        {
            if (Translation.ToPrefix(listed.Dst) == route.Destination) return true;
        }

        return false;
    }

    private static MacAddress? MacOf(CniInterface? link) => link?.Mac is { } text && MacAddress.TryParse(text, out MacAddress mac) ? mac : null;
}
