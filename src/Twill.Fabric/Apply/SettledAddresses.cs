using System.Diagnostics;
using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Uapi;

namespace Twill.Fabric.Apply;

/// <summary>Waits for duplicate address detection, where the configuration asks for it.</summary>
internal static class SettledAddresses
{
    /// <summary>The reference plugin's bound; the kernel needs one to two seconds.</summary>
    private const int TimeoutMs = 10_000;

    /// <exception cref="FabricException">A duplicate was found, or the time is over.</exception>
    internal static void Await(NetworkNamespace network, RouteSocket pod, IfIndex dev, string ifName)
    {
        using NetlinkMonitor monitor = NetlinkMonitor.Open(NetlinkUapi.NETLINK_ROUTE, [RtnetlinkUapi.RTNLGRP_IPV6_IFADDR], network);
        long start = Stopwatch.GetTimestamp();
        var ignore = default(NoReader);
        while (true)
        {
            List<IfAddress> waiting = pod.Addresses(dev).FindAll(a => a.Address.IsV6 && (a.Flags & (AddressFlags.Tentative | AddressFlags.DadFailed)) != 0);
            if (waiting.Count == 0) return;
            if (waiting.Find(a => (a.Flags & AddressFlags.DadFailed) != 0) is { } duplicate) throw new FabricException(FabricFault.AddressTaken, $"{duplicate.Address.Address} on {ifName} in {network.Name} is in use by somebody else on the link (duplicate address detection)");
            int left = TimeoutMs - (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (left <= 0 || monitor.Wait(left, ref ignore) == MonitorEvent.TimedOut) throw new FabricException(FabricFault.Busy, $"{waiting[0].Address} on {ifName} in {network.Name} did not settle within {TimeoutMs / 1000} s; turn \"enabledad\" off, addresses are single by construction here");
        }
    }
}
