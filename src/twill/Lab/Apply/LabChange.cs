using Twill.Cli;
using Twill.Lab.Agents;
using Twill.Lab.Goal;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Lab.Steps;
using Twill.Linux.Netns;
using Twill.Linux.Sys;

namespace Twill.Lab.Apply;

/// <summary>The one arrow: from what there is to what is asked for. Every command that changes the lab is this.</summary>
internal sealed class LabChange
{
    /// <summary>How long plugins of a killed `up` are waited for, each.</summary>
    private const int OrphanMs = 5000;

    private LabChange(LabSpec spec, LabState actual, IReadOnlyList<LabStep> steps) => (Spec, Actual, Steps) = (spec, actual, steps);

    internal LabSpec Spec { get; }

    /// <summary>As it was read, before any step.</summary>
    internal LabState Actual { get; }

    internal IReadOnlyList<LabStep> Steps { get; }

    /// <summary>Reads the lab and decides; writes nothing.</summary>
    /// <exception cref="LabException">A name is somebody else's, or this machine cannot do it.</exception>
    internal static LabChange To(LabSpec spec, LabInventory inventory)
    {
        if (!spec.V4 && !spec.V6) throw new LabException("a lab without IPv4 and without IPv6 has no addresses: choose one");
        if (spec.V6 && !HasIPv6()) throw new LabException($"the lab cannot have IPv6: it is off on this machine; sysctl -w net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0 switches it on, --ipv4 does without");
        RefuseForeignNames(spec, inventory);
        LabState actual = LabStateReader.Read(inventory);
        return new LabChange(spec, actual, LabDifference.Between(LabGoal.For(spec), actual));
    }

    /// <summary>As <see cref="To"/>, but what a killed command left half done is finished or removed first, so that the steps are the last word.</summary>
    internal static LabChange Prepare(LabSpec spec, LabInventory inventory)
    {
        RefuseForeignNames(spec, inventory);
        foreach (string name in inventory.Unfinished) NetworkNamespace.RemoveNamed(name);
        AwaitOrphans(inventory);
        return To(spec, inventory);
    }

    /// <returns>What containers said when they started.</returns>
    /// <remarks>Where nodes have agents, it is done when every node's plan is in the kernel.</remarks>
    internal IReadOnlyList<string> Apply(Action<int, int> progress)
    {
        using Convergence? convergence = Convergence.Between(Actual.Spec, Spec);
        Func<string>? heard = convergence?.Listen();
        IReadOnlyList<string> said = LabApply.Run(Steps, progress, convergence is null ? null : convergence.Note);
        if (Spec.HasAgents) Workers.ForEach(Spec.Nodes, static node => LabAgents.AwaitReady(node.Name));
        if (Spec.HasAgents && Spec.Services.Count + Actual.Spec.Services.Count > 0) Workers.ForEach(Spec.Nodes, node => LabAgents.AwaitServices(Spec, node));
        if (Spec.HasAgents) Announced.Await(Spec);
        return heard is null ? said : [.. said, heard()];
    }

    /// <summary>Whether new namespaces have IPv6: they inherit the host's defaults.</summary>
    private static bool HasIPv6() => Sysctl.Read("net/ipv6/conf/default/disable_ipv6") == "0" && Sysctl.Read("net/ipv6/conf/all/disable_ipv6") == "0";

    /// <summary>Plugins that a killed command left behind still work, and undo what they did when nobody takes their result.</summary>
    private static void AwaitOrphans(LabInventory inventory)
    {
        LabMark[] nodes = [.. inventory.Nodes];
        if (nodes.Length == 0) return;
        foreach (LabProcess process in LabProcesses.In(nodes))
        {
            if (process.IsPlugin && !ForeignProcess.WaitForEnd(process.Id, OrphanMs)) throw new LabException(ExitCode.TimeOut, $"process {process} is a CNI plugin of an earlier `twill lab`, still at work after {OrphanMs / 1000} s; see what it waits for (cat /proc/{process.Id}/stack), or end it: kill {process.Id}");
        }
    }

    private static void RefuseForeignNames(LabSpec spec, LabInventory inventory)
    {
        string[] wanted = [LabNames.Router, LabNames.Internet, .. spec.Nodes.Select(n => n.Name), .. spec.Pods.Select(p => p.Name)];
        string[] clashes = [.. wanted.Where(inventory.Foreign.Contains)];
        if (clashes.Length == 0) return;
        string list = string.Join(", ", clashes.Take(8)) + (clashes.Length > 8 ? $" and {clashes.Length - 8} more" : "");
        throw new LabException($"cannot make the lab: {NetworkNamespace.NamedDirectory} has {list} already, and {(clashes.Length == 1 ? "it does" : "they do")} not bear the lab's mark, so nothing was touched and nothing made; if nobody needs {(clashes.Length == 1 ? "it" : "them")}: ip netns del {clashes[0]}");
    }
}
