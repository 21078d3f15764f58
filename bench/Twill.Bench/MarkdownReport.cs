using System.Text;

namespace Twill.Bench;

/// <summary>docs/bench/attach.md, written by the bench and by nobody else.</summary>
public static class MarkdownReport
{
    public static string Write(Results results, BenchOptions options, Machine machine, Guard guard, string loadAfter)
    {
        var text = new StringBuilder();
        string twill = results.Subjects[0].Name;
        text.Append("# Attaching a pod: Twill beside the reference plugins\n\n");
        text.Append("<!-- Written by bench/attach; edits are lost. -->\n\n");
        if (options.StandIn) text.Append("**A trial of the harness: a reference plugin plays Twill's part. Every ratio should be 1; how far it is from 1 is the harness's own error.**\n\n");
        if (results.Interrupted) text.Append("**The run was interrupted; rows that it did not reach are missing.**\n\n");
        if (options.Quick) text.Append("**A quick run: few rounds. For a look, not for quoting.**\n\n");
        text.Append("Whole processes, as a container runtime runs them: configuration on stdin, `CNI_*` in the environment, from before the fork to the end of stdout and the exit. ");
        text.Append("Twill and its peers take turns, call by call, in one run. **Only ratios carry over to another machine.**\n\n");
        text.Append("![Time of ADD and DEL, Twill's as a part of the peer's](attach.svg)\n\n");

        text.Append("## Against the aims\n\nSequential calls, no other pods on the node unless said.\n\n");
        int fewest = options.Pods[0];
        var first = Comparison.Of(results, options).Where(c => c.Workers == options.Workers[0] && c.Pods == fewest && c.Peer == results.Subjects[1].Name).ToList();
        text.Append(Text.Markdown(["configuration", "verb", $"{twill} p50 ms", "peer p50 ms", "ratio", "aim", ""],
            [.. first.Select(c => (string[])[c.Scenario.Title, c.Verb, Text.Ms(c.Ours.Ms(0.5)), Text.Ms(c.Theirs.Ms(0.5)), Text.Ratio(c.Ratio50), c.Aim is null ? "none set" : Text.Aim(c.Aim), c.Verdict])], 2));
        text.Append("\nWhat both sides do:\n\n");
        foreach (Scenario scenario in results.Scenarios)
            text.Append($"- **{scenario.Title}** (`{scenario.Key}`; reference: {string.Join(" + ", scenario.ReferencePlugins)}): {scenario.Same}.{(scenario.Different.Length > 0 ? $" Not the same: {scenario.Different}." : "")}\n");

        text.Append($"\n## The run\n\n- Date: {options.Date}; commit {options.Commit}\n- Machine: {machine.Cpu}, {machine.Cpus} CPUs, {machine.Memory}; {machine.System}, kernel {machine.Kernel}; {machine.Iptables}\n");
        text.Append($"- Mount table: {machine.Mounts} lines, and those of the measured pods' namespaces (`--mounts` adds; a Kubernetes node has several for every pod)\n");
        text.Append($"- Plugins: {string.Join("; ", results.Subjects.Select(s => $"{s.Name} ({s.Version})"))}\n- Command: `{options.Command}`\n");
        text.Append($"- Load average before {machine.LoadBefore}, after {loadAfter}\n");
        text.Append($"- Noise: {string.Join("; ", results.Floors.Take(2).Select(f => $"the median of {f} moved by {results.Spread(f) * 100:F0} % between configurations"))}. A difference below that is none.\n");
        text.Append($"- Checked outside the clock: {guard.Checked:#,0} calls, {guard.Pinged} pings to a gateway, {guard.Count} violations{(guard.Count == 0 ? "" : " (listed at the end)")}. ");
        text.Append("Of an ADD: interface, addresses, no address twice, on a sample the gateway answers. Of a DEL: the host's end is gone at the moment the plugin has returned. At the end: no link, lease, rule or namespace is left.\n");

        text.Append("\n## Floors\n\nWhat starting a process costs, measured between the others.\n\n").Append(Tables.Floors(results).Markdown);
        Tables.Table sequential = Tables.Calls(results, options, sequential: true), parallel = Tables.Calls(results, options, sequential: false), flat = Tables.Flat(results, options);
        if (sequential.Rows.Count > 0) text.Append("\n## One call at a time\n\nMilliseconds. \"pods\": already on the node, in the same bridge, attached by the same plugin. CPU: user and system time of all processes of one call, median.\n\n").Append(sequential.Markdown);
        if (flat.Rows.Count > 0) text.Append("\n## Does the node's size matter?\n\nSequential calls on the fullest node by those on the emptiest.\n\n").Append(flat.Markdown);
        if (parallel.Rows.Count > 0) text.Append("\n## Many calls at once\n\nMilliseconds per call while so many run at once; calls per second of all together.\n\n").Append(parallel.Markdown);
        text.Append("\n## Processes and system calls of one call\n\nCounted by ptrace(2) in a pass of its own; of a chain, its plugins and all that they start.\n\n").Append(Tables.Counts(results).Markdown);

        text.Append("\n## Configurations\n");
        foreach (Scenario scenario in results.Scenarios)
        {
            text.Append($"\n`{scenario.Key}`:\n\n```json\n{results.Subjects[0].Describe(scenario)}\n{results.Subjects[1].Describe(scenario)}\n```\n");
        }

        text.Append("""

            ## How it is measured

            - Every node is a namespace of its own with one plugin's bridge. A node's first pair, which makes the bridge, is not in the figures.
            - Every ADD gets a new namespace, made before the clock runs; old ones are taken down in blocks, and the next block waits until the kernel is done with them.
            - Before each sequential call, and each worker's, membarrier(2) waits for a whole RCU grace period: what the kernel put off while removing the last pod is not charged to the next.
            - The order turns from round to round, forwards and backwards, so that nobody always follows the same neighbour.
            - A chain's time is that of its plugins one after another, prevResult handed on; a runtime's own work between them is not in it.
            - p99 is by nearest rank; of fewer than 100 calls it is the largest. Raw figures: [attach.json](attach.json).

            """);
        if (guard.Count > 0)
        {
            text.Append("\n## Violations\n\n");
            foreach (string violation in guard.Violations) text.Append($"- {violation}\n");
        }

        return text.ToString();
    }
}
