using System.Diagnostics;
using Twill.Lab.Goal;
using Twill.Lab.Model;
using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Lab.Agents;

/// <summary>Waits until each load-balancer address of a lab is on some near node's interface.</summary>
internal sealed class Announced : IDisposable
{
    /// <summary>In all; and until everybody is asked again, whom nobody listened to; milliseconds.</summary>
    private const int PatienceMs = 10_000, LookMs = 200;

    /// <summary>As many as one poll takes.</summary>
    private const int MaxEars = 32;

    private readonly List<NetlinkMonitor> _ears = [];
    private readonly List<RouteSocket> _nodes = [];

    private Announced(IEnumerable<LabNodeSpec> nodes)
    {
        foreach (LabNodeSpec node in nodes)
        {
            using NetworkNamespace? network = NetworkNamespace.TryOpen(NetworkNamespace.NamedPath(node.Name), out _);
            if (network is null) continue;
            if (_ears.Count < MaxEars) _ears.Add(RouteMonitor.Open(RouteGroups.Addresses, network));
            _nodes.Add(RouteSocket.Open(network));
        }
    }

    /// <exception cref="LabException">Nobody does.</exception>
    internal static void Await(LabSpec spec)
    {
        var missing = new HashSet<IpAddress>(spec.Services.Where(s => s.LoadBalancer).SelectMany(s => LabServices.LoadBalancers(spec, s)));
        if (missing.Count == 0) return;
        using var announced = new Announced(spec.Nodes.Where(n => !spec.IsFar(n.Index)));
        for (long start = Stopwatch.GetTimestamp(); ; announced.Listen())
        {
            foreach (RouteSocket node in announced._nodes) missing.ExceptWith(node.Addresses().Select(a => a.Address.Address));
            if (missing.Count == 0 || announced._nodes.Count == 0) return;
            if (Stopwatch.GetElapsedTime(start).TotalMilliseconds > PatienceMs) throw new LabException($"no node announces {string.Join(", ", missing)}: see the agents' words, grep 'load balancer' {LabAgents.LogOf("node*")}");
        }
    }

    public void Dispose()
    {
        foreach (NetlinkMonitor ear in _ears) ear.Dispose();
        foreach (RouteSocket node in _nodes) node.Dispose();
    }

    private void Listen()
    {
        Readiness.Wait([.. _ears.Select(e => e.DescriptorNumber)], LookMs);
        foreach (NetlinkMonitor ear in _ears)
        {
            var nobody = new RouteEventReader<Nothing>(default);
            while (ear.Wait(0, ref nobody) != MonitorEvent.TimedOut)
            {
                // all is read anew
            }
        }
    }

    private struct Nothing : IRouteEvents;
}
