using Twill.Cni;
using Twill.Linux.Netns;
using Twill.Linux.Route;

namespace Twill.Plugin;

/// <summary>The plugin of the name "loopback", which some runtimes (containerd 1.x) call first in every pod, whatever the network.</summary>
/// <remarks>This very executable under another name, so that a node needs no other package. It does what the reference plugin of that name does: lo up, lo down, is it up.</remarks>
internal static class LoopbackPlugin
{
    internal const string Type = "loopback";

    private const string Name = "lo";

    internal static byte[] Add(CniInvocation invocation, NetworkConfig config)
    {
        using NetworkNamespace network = PodNamespace.Open(invocation);
        using RouteSocket pod = RouteSocket.Open(network);
        pod.SetUp(IfIndex.Loopback);
        if (config.PrevResult is { } previous) return previous.Write(config.CniVersion);
        var ips = new List<CniIp>(2);
        foreach (IfAddress address in pod.Addresses())
        {
            if (address.Dev == IfIndex.Loopback) ips.Add(new CniIp(new IpCidr(address.Address.Address.ToIPAddress(), address.Address.Length), Interface: 0));
        }

        return new CniResult { Interfaces = [new CniInterface(Name, "00:00:00:00:00:00", Sandbox: invocation.NetNs)], Ips = ips }.Write(config.CniVersion);
    }

    /// <summary>With its namespace loopback has gone.</summary>
    internal static void Del(CniInvocation invocation)
    {
        using NetworkNamespace? network = invocation.NetNs.Length == 0 ? null : NetworkNamespace.TryOpen(invocation.NetNs, out _);
        if (network is null || network.IsOwn()) return;
        using RouteSocket pod = RouteSocket.Open(network);
        pod.SetDown(IfIndex.Loopback);
    }

    internal static void Check(CniInvocation invocation)
    {
        using NetworkNamespace network = PodNamespace.Open(invocation);
        using RouteSocket pod = RouteSocket.Open(network);
        if (!pod.GetLink(IfIndex.Loopback).IsUp) throw new CniException(CniErrorCode.CheckFailed, $"{Name} in {invocation.NetNs} is down");
    }
}
