using Twill.Agent.Metrics;
using Twill.Agent.Paths;
using Twill.Agent.View;
using Twill.Plugin;

namespace Twill.Agent.Answers;

/// <summary>The agent's metrics. Names are kept: dashboards are built on them. docs/metrics.md is made of them.</summary>
internal static class AgentMetrics
{
    /// <summary>Other nodes that are told by name; of a larger cluster only those without an answer are, and no more than these.</summary>
    internal const int MaxNodes = 256;

    internal static string Text(NodeFacts facts, KernelView kernel, RepairTally repairs, RunTally runs, ProcessFigures process)
    {
        var text = new PrometheusText();
        text.Gauge("twill_build_info", "Always 1; the labels tell what runs.", 1, ("version", AboutText.Version), ("backend", facts.Settings.Backend));
        text.Gauge("twill_ready", "Whether the node's network is in place and its CNI configuration written.", facts.Ready ? 1 : 0);
        text.Gauge("twill_problems", "What `twill status` complains about.", facts.Problems.Count);
        Source(text, facts);
        Runs(text, runs);
        Addresses(text, kernel);
        Ways(text, facts, kernel);
        Repairs(text, facts, repairs);
        text.Gauge("process_resident_memory_bytes", "Resident memory.", process.ResidentBytes);
        text.Counter("process_cpu_seconds_total", "User and system CPU time.", process.CpuSeconds);
        text.Gauge("process_open_fds", "Open descriptors.", process.OpenDescriptors);
        text.Gauge("process_uptime_seconds", "Since the start.", facts.Uptime);
        return text.ToString();
    }

    private static void Source(PrometheusText text, NodeFacts facts)
    {
        text.Gauge("twill_api_connected", "Whether the source of nodes can be asked.", facts.Reading is { Problem: null, Items: not null } ? 1 : 0, ("source", SourceKind(facts)));
        text.Gauge("twill_watch_lag_seconds", "For how long what is in force may have been out of date: since the source is away, or since a list came that is not in the kernel yet; 0: it is what the source says.", facts.Lag);
        text.Gauge("twill_nodes", "Nodes that the source tells of.", facts.Reading.Items?.Count ?? 0);
    }

    private static void Runs(PrometheusText text, RunTally runs)
    {
        foreach ((string verb, string code, long count) in runs.Counts) text.Counter("twill_cni_requests_total", "Runs of the plugin since the agent started; code 0, or that of docs/errors.", count, ("op", verb), ("code", code));
        foreach ((string verb, Histogram seconds) in runs.Durations) text.Histogram("twill_cni_duration_seconds", "From the plugin's first statement to its answer.", seconds, ("op", verb));
    }

    private static void Addresses(PrometheusText text, KernelView kernel)
    {
        const string name = "twill_ipam_addresses", help = "Addresses of this node's blocks; leaked: held by an ADD that died, and counted as used as well.";
        text.Gauge("twill_pods", "Pods attached to this node.", kernel.Pods.Count);
        foreach (SubnetUse use in kernel.Subnets)
        {
            text.Gauge(name, help, use.Used, ("block", use.Subnet.ToString()), ("state", "used"));
            text.Gauge(name, help, use.Free, ("block", use.Subnet.ToString()), ("state", "free"));
            text.Gauge(name, help, use.Leaked, ("block", use.Subnet.ToString()), ("state", "leaked"));
        }
    }

    private static void Ways(PrometheusText text, NodeFacts facts, KernelView kernel)
    {
        text.Gauge("twill_routes", "Routes of ours to other nodes' blocks.", kernel.Routes.Count(r => !r.Tunnel), ("state", "direct"));
        text.Gauge("twill_routes", "Routes of ours to other nodes' blocks.", kernel.Routes.Count(r => r.Tunnel), ("state", "tunnel"));
        text.Gauge("twill_paths", "Other nodes by whether they answered when they were last asked over the way that pods take.", facts.Paths.Count(p => p.Seconds is not null), ("state", "up"));
        text.Gauge("twill_paths", "Other nodes by whether they answered when they were last asked over the way that pods take.", facts.Paths.Count(p => p.Seconds is null), ("state", "down"));
        List<PathReading> told = [.. facts.Paths.Where(p => facts.Paths.Count <= MaxNodes || p.Seconds is null).Take(MaxNodes)];
        foreach (PathReading path in told) text.Gauge("twill_path_up", "Whether a node answered an echo request over the way that pods take; beyond 256 nodes only those that did not.", path.Seconds is null ? 0 : 1, ("node", path.Node));
        foreach (PathReading path in told)
        {
            if (path.Seconds is { } seconds) text.Gauge("twill_path_rtt_seconds", "How long that took, there and back.", seconds, ("node", path.Node));
        }

        foreach ((string set, int elements) in facts.SetSizes()) text.Gauge("twill_nft_elements", "Elements of the sets in table inet twill-node.", elements, ("set", set));
        text.Summary("twill_nft_apply_seconds", "Transactions with table inet twill-node.", facts.Counters.TableWrites, facts.Counters.TableSeconds);
    }

    private static void Repairs(PrometheusText text, NodeFacts facts, RepairTally repairs)
    {
        foreach ((string kind, string by, long count) in repairs.Counts) text.Counter("twill_repairs_total", "What others changed and we put back.", count, ("object", kind), ("by", by));
        text.Histogram("twill_repair_seconds", "From the kernel's notification to the finished repair.", repairs.Durations);
        text.Counter("twill_resyncs_total", "Looks at everything, or at one table once more, by cause.", facts.Counters.Overruns, ("reason", "overrun"));
        text.Counter("twill_resyncs_total", "Looks at everything, or at one table once more, by cause.", facts.Counters.Interrupted, ("reason", "interrupted"));
        text.Counter("twill_resyncs_total", "Looks at everything, or at one table once more, by cause.", facts.Counters.Audits, ("reason", "timer"));
        text.Counter("twill_resyncs_total", "Looks at everything, or at one table once more, by cause.", facts.Counters.Failures, ("reason", "error"));
        text.Counter("twill_netlink_writes_total", "Messages to the kernel that change something.", facts.Counters.Writes);
        text.Counter("twill_held_total", "Repairs put off since somebody fights over the object.", facts.Counters.Held);
    }

    private static string SourceKind(NodeFacts facts) => facts.Settings.Source switch
    {
        SourceChoice.Nodes => "file",
        SourceChoice.Etcd => "etcd",
        _ => "kubernetes",
    };
}
