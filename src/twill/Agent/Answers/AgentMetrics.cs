using Twill.Agent.Metrics;
using Twill.Agent.View;
using Twill.Plugin;

namespace Twill.Agent.Answers;

/// <summary>The agent's metrics. Names are kept: dashboards are built on them.</summary>
internal static class AgentMetrics
{
    internal static string Text(NodeFacts facts, KernelView kernel, RepairTally repairs, ProcessFigures process)
    {
        var text = new PrometheusText();
        text.Gauge("twill_build_info", "Always 1; the labels tell what runs.", 1, ("version", AboutText.Version), ("backend", facts.Settings.Backend));
        text.Gauge("twill_ready", "Whether the node's network is in place and its CNI configuration written.", facts.Ready ? 1 : 0);
        text.Gauge("twill_api_connected", "Whether the source of nodes can be asked.", facts.Reading is { Problem: null, Items: not null } ? 1 : 0, ("source", SourceKind(facts)));
        text.Gauge("twill_nodes", "Nodes that the source tells of.", facts.Reading.Items?.Count ?? 0);
        text.Gauge("twill_problems", "What `twill status` complains about.", facts.Problems.Count);
        text.Gauge("twill_pods", "Pods attached to this node.", kernel.Pods.Count);
        foreach (SubnetUse use in kernel.Subnets)
        {
            text.Gauge("twill_ipam_addresses", "Addresses of this node's blocks.", use.Used, ("block", use.Subnet.ToString()), ("state", "used"));
            text.Gauge("twill_ipam_addresses", "Addresses of this node's blocks.", use.Free, ("block", use.Subnet.ToString()), ("state", "free"));
        }

        text.Gauge("twill_routes", "Routes of ours to other nodes' blocks.", kernel.Routes.Count(r => !r.Tunnel), ("state", "direct"));
        text.Gauge("twill_routes", "Routes of ours to other nodes' blocks.", kernel.Routes.Count(r => r.Tunnel), ("state", "tunnel"));
        foreach ((string kind, string by, long count) in repairs.Counts) text.Counter("twill_repairs_total", "What others changed and we put back.", count, ("object", kind), ("by", by));
        text.Histogram("twill_repair_seconds", "From the kernel's notification to the finished repair.", repairs.Durations);
        text.Counter("twill_resyncs_total", "Looks at everything.", facts.Counters.Overruns, ("reason", "overrun"));
        text.Counter("twill_resyncs_total", "Looks at everything.", facts.Counters.Audits, ("reason", "timer"));
        text.Counter("twill_resyncs_total", "Looks at everything.", facts.Counters.Failures, ("reason", "error"));
        text.Counter("twill_netlink_writes_total", "Messages to the kernel that change something.", facts.Counters.Writes);
        text.Counter("twill_held_total", "Repairs put off since somebody fights over the object.", facts.Counters.Held);
        text.Gauge("process_resident_memory_bytes", "Resident memory.", process.ResidentBytes);
        text.Counter("process_cpu_seconds_total", "User and system CPU time.", process.CpuSeconds);
        text.Gauge("process_open_fds", "Open descriptors.", process.OpenDescriptors);
        text.Gauge("process_uptime_seconds", "Since the start.", facts.Uptime);
        return text.ToString();
    }

    private static string SourceKind(NodeFacts facts) => facts.Settings.Source switch
    {
        SourceChoice.Nodes => "file",
        SourceChoice.Etcd => "etcd",
        _ => "kubernetes",
    };
}
