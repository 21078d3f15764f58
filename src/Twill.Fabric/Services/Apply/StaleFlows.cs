using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;
using Twill.Linux.Conntrack;

namespace Twill.Fabric.Services.Apply;

/// <summary>UDP has no end that conntrack could see: a client that goes on sending would go on reaching an endpoint that is gone.</summary>
internal static class StaleFlows
{
    /// <summary>UDP frontends that lost an endpoint, or got their first; all of them where nothing is known of before.</summary>
    internal static HashSet<FrontendKey> Changed(ServicePlan? before, ServicePlan after)
    {
        var changed = new HashSet<FrontendKey>();
        bool follows = before is not null && ReferenceEquals(after.BasedOn, before.Identity);
        foreach (ServiceFrontend frontend in follows ? after.Came.SelectMany(s => s.Frontends) : after.Frontends)
        {
            if (frontend.Key.Protocol != ServiceProtocol.Udp) continue;
            if (before?.Arranged(frontend.Key, frontend.Inside) is not { } old || (old.IsEmpty && !frontend.Backends.IsEmpty)) changed.Add(frontend.Key);
            else if (old != frontend.Backends && old.Any(b => !frontend.Backends.Contains(b))) changed.Add(frontend.Key);
        }

        foreach (ServiceFrontend frontend in follows ? after.Gone.SelectMany(s => s.Frontends) : before?.Frontends ?? [])
        {
            if (frontend.Key.Protocol == ServiceProtocol.Udp && after.Arranged(frontend.Key, frontend.Inside) is null) changed.Add(frontend.Key);
        }

        return changed;
    }

    /// <summary>Forgets what goes from these frontends to anything that is not their endpoint.</summary>
    internal static int Remove(ConntrackSocket conntrack, HashSet<FrontendKey> changed, ServicePlan plan)
    {
        if (changed.Count == 0) return 0;
        var stale = new List<ConntrackFlow>();
        foreach (ConntrackFlow flow in conntrack.Flows((byte)ServiceProtocol.Udp))
        {
            var key = new FrontendKey(flow.Original.Target, ServiceProtocol.Udp, flow.Original.TargetPort);
            var end = new Backend(flow.Reply.Source, flow.Reply.SourcePort);
            if (!changed.Contains(key) || plan.Arranged(key, false)?.Contains(end) == true || plan.Arranged(key, true)?.Contains(end) == true) continue;
            stale.Add(flow);
        }

        return conntrack.Remove(stale);
    }
}
