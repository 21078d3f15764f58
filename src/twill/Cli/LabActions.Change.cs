using Twill.Lab;
using Twill.Lab.Agents;
using Twill.Lab.Apply;
using Twill.Lab.Lesson;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Lab.Steps;
using Twill.Topo;

namespace Twill.Cli;

/// <summary>Changes of a lab that is up, and lessons in it.</summary>
internal static partial class LabActions
{
    internal static int Change(string verb, Func<LabSpec, LabSpec> change, ChangeForm form)
    {
        LabInventory inventory = RequireLab(verb);
        LabSpec spec = change(inventory.Spec);
        if (Change(spec, inventory, form, out double seconds) is { } done) Terminal.Say($"done in {seconds:0.00} s: {spec.Nodes.Count} nodes, {spec.Pods.Count} pods{(done.Steps.Count == 0 ? "; nothing changed" : "")}");
        return ExitCode.Ok;
    }

    internal static int Fix(ChangeForm form)
    {
        LabInventory inventory = RequireLab("fix");
        if (Change(inventory.Spec, inventory, form, out double seconds) is not { } change) return ExitCode.Ok;
        foreach (LabStep step in change.Steps) Terminal.Say($"{step.Missing}: put right{(step.Remedy.Length > 0 ? $" ({step.Remedy})" : "")}");
        Terminal.Say(change.Steps.Count == 0 ? "nothing is broken" : $"{change.Steps.Count} put right in {seconds:0.00} s");
        return ExitCode.Ok;
    }

    internal static int Break(string kind, string? node, bool how)
    {
        LabFault fault = LabFault.Of(kind, LabStateReader.Read(RequireLab("break")), node);
        if (how) return Answer(LabScript.Shell(fault.Steps));
        LabApply.Run(fault.Steps, static (_, _) => { });
        Terminal.Say($"lesson: {fault.Lesson}");
        Terminal.Say("something is broken now; look with `twill lab status`, `twill lab pingall`, `twill lab exec`, and put it right by hand or with `twill lab fix`");
        return ExitCode.Ok;
    }

    internal static int KillAgent(string node)
    {
        LabInventory inventory = RequireLab("kill-agent");
        RequireNode(inventory, node);
        if (!inventory.Spec.HasAgents) throw new LabException("this lab has no agents: `twill lab up --source file` gives each node one");
        if (!LabAgents.Stop(node)) throw new LabException(ExitCode.NotFound, $"no agent runs on {node}; `twill lab fix` starts it");
        Terminal.Say($"the agent of {node} is dead; its network is in the kernel and needs no agent: twill lab pingall; `twill lab fix` starts it again");
        return ExitCode.Ok;
    }

    internal static int Partition(string node)
    {
        LabInventory inventory = RequireLab("partition");
        RequireNode(inventory, node);
        LabState state = LabStateReader.Read(inventory, m => m.Kind == LabKind.Router);
        LinkState port = state.Router?.Link(node) ?? throw new LabException($"{node} has no cable to the LAN: `twill lab fix`");
        LabApply.Run([new SetDown(LabNames.Router, LabNames.Router, port)], static (_, _) => { });
        Terminal.Say($"{node} is cut off: ip -n {LabNames.Router} link set {port.Name} down; `twill lab heal` plugs it in again");
        return ExitCode.Ok;
    }

    private static void RequireNode(LabInventory inventory, string node)
    {
        if (inventory.Nodes.Any(n => n.Name == node)) return;
        throw new LabException(ExitCode.NotFound, $"the lab has no node {node}{(Typo.Nearest(node, inventory.Nodes.Select(n => n.Name)) is { } near ? $"; did you mean {near}?" : "")}");
    }

    internal static int CheckWork(bool json)
    {
        LabState state = LabStateReader.Read(RequireLab("check-work"));
        List<WorkTask> tasks = [.. LabJudge.Judge(state)];
        if (tasks.TrueForAll(t => t.Done)) tasks.AddRange(Proof(state));
        Terminal.Answer(json ? WorkText.Json(tasks) : WorkText.Draw(tasks));
        if (tasks.Exists(t => !t.Done)) return ExitCode.Problem;
        Terminal.Say("well done: every pod reaches every pod, node and the internet, and is seen as itself; you have built a pod network");
        return ExitCode.Ok;
    }

    /// <summary>When all is there, packets have the last word.</summary>
    private static IEnumerable<WorkTask> Proof(LabState state)
    {
        Topology network = Topology.Of(state);
        foreach (bool v6 in (bool[])[false, true])
        {
            if (!(v6 ? state.Spec.V6 : state.Spec.V4)) continue;
            PingReport report = Lab.PingAll.Run(network, v6);
            PingResult? bad = report.Results.FirstOrDefault(r => !r.Ok);
            string hint = bad is null ? ""
                : bad.Reached ? $"{bad.To.Name} sees {bad.From.Name} as {bad.SeenAs}, and should see {bad.ShouldBe}: something translates addresses that it should leave alone"
                : $"a packet from {bad.From.Name} to {bad.To.Name} ({bad.To.Address}) is lost{(bad.Error is null ? "" : $": {bad.Error}")}; twill lab exec {bad.From.Name} -- ping {bad.To.Address}";
            yield return new WorkTask($"everybody reaches everybody over IPv{(v6 ? 6 : 4)}, and is seen as it is", bad is null, hint);
        }
    }

    private static LabInventory RequireLab(string verb)
    {
        RequireRoot(verb);
        LabInventory inventory = LabInventory.Read();
        return inventory.IsEmpty || inventory.Spec.Nodes.Count == 0 ? throw new LabException(ExitCode.NotFound, "there is no lab on this machine: `twill lab up` makes one") : inventory;
    }
}
