using System.Diagnostics;
using System.Runtime.InteropServices;
using Twill.Lab;
using Twill.Lab.Apply;
using Twill.Lab.Goal;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Lab.Steps;
using Twill.Linux.Sys;
using Twill.Topo;

namespace Twill.Cli;

/// <summary>What the lab's commands do: call, then print.</summary>
internal static partial class LabActions
{
    internal static int Up(UpRequest request, ChangeForm form)
    {
        if (form == ChangeForm.How && !StandardStreams.IsRoot) return Answer(LabScript.Shell(LabDifference.FromNothing(LabGoal.For(request.Towards(new LabSpec())))));
        RequireRoot("up");
        LabInventory inventory = LabInventory.Read();
        LabSpec spec = request.Towards(inventory.Spec);
        if (form == ChangeForm.How) return Answer(LabScript.Shell(LabDifference.FromNothing(LabGoal.For(spec))));
        if (Change(spec, inventory, form, out double seconds) is not { } change) return ExitCode.Ok;
        Terminal.Answer(TopoActions.Picture(Topology.Of(LabStateReader.Read(LabInventory.Read()))));
        Terminal.Say(change.Steps.Count == 0 ? "the lab was up already; nothing changed" : $"{spec.Nodes.Count} nodes, {spec.Pods.Count} pods up in {seconds:0.00} s");
        string dot = Terminal.Style.Dot;
        Terminal.Say(spec.Empty
            ? $"next: build its network by hand, and let `twill lab check-work` judge {dot} twill lab exec node1 -- ip link"
            : $"next: twill lab pingall {dot} twill lab exec {(spec.Pods.Count > 0 ? spec.Pods[0].Name : LabNames.Node(1))} -- ip addr {dot} twill lab down");
        return ExitCode.Ok;
    }

    /// <summary>Does a change, or shows it.</summary>
    /// <returns>Null: it was only shown.</returns>
    private static LabChange? Change(LabSpec spec, LabInventory inventory, ChangeForm form, out double seconds)
    {
        long start = Stopwatch.GetTimestamp();
        seconds = 0;
        if (form != ChangeForm.Do)
        {
            LabChange shown = LabChange.To(spec, inventory);
            Answer(form == ChangeForm.How ? LabScript.Shell(shown.Steps) : LabScript.Changes(shown.Steps));
            if (shown.Steps.Count == 0) Terminal.Say("nothing would change");
            return null;
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, static context =>
        {
            context.Cancel = true;
            Terminal.Say("\ntwill: interrupted; what was made bears the lab's mark: `twill lab down` removes it, `twill lab up` goes on");
            Environment.Exit(ExitCode.Interrupted);
        });
        LabChange change = LabChange.Prepare(spec, inventory);
        IReadOnlyList<string> said;
        using (var bar = new ProgressBar(Terminal.ErrorIsTerminal)) said = change.Apply(bar.Note);
        foreach (string line in said) Terminal.Say(line);
        seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return change;
    }

    private static int Answer(string text)
    {
        Terminal.Answer(text);
        return ExitCode.Ok;
    }

    internal static int Down()
    {
        RequireRoot("down");
        LabRemoval removal = LabDown.Run();
        Terminal.Say(removal.Namespaces == 0
            ? "there is no lab; nothing to remove"
            : $"removed {removal.Namespaces} network namespaces: {removal.Nodes} nodes, {removal.Pods} pods, and what was between them");
        if (removal.Processes.Count > 0) Terminal.Say($"still running inside, and keeping what they see alive until they end: {string.Join(", ", removal.Processes)}");
        return ExitCode.Ok;
    }

    internal static int Status(bool json)
    {
        Topology view = Topology.Of(TopoActions.Present("lab status"));
        Terminal.Answer(json ? LabJson.Status(view) : TopoActions.Picture(view));
        LabInventory inventory = LabInventory.Read();
        IReadOnlyList<LabStep> steps = LabChange.To(inventory.Spec, inventory).Steps;
        return steps.Count == 0 ? ExitCode.Ok : Complain([.. steps.Select(s => $"{s.Missing}{(s.Remedy.Length > 0 ? $": {s.Remedy}" : "")}"), "`twill lab fix` puts it right"]);
    }

    internal static int PingAll(bool v6, bool json)
    {
        Topology view = Topology.Of(TopoActions.Present("lab pingall"));
        v6 |= view.Nodes.Count > 0 && view.Nodes.All(n => n.Addresses.All(a => a.IsV6));
        PingReport report = Lab.PingAll.Run(view, v6);
        if (report.Results.Count == 0) throw new LabException($"nobody in the lab can ping anybody: {report.AllPods} pods, {report.AllNodes} nodes with an IPv{(v6 ? 6 : 4)} address; `twill lab status` shows them");
        Terminal.Answer(json ? LabJson.PingAll(report) : PingText.Draw(report, Terminal.Width, Terminal.Style));
        return report.Ok ? ExitCode.Ok : ExitCode.Problem;
    }

    private static int Complain(IReadOnlyList<string> problems)
    {
        foreach (string problem in problems) Terminal.Say($"twill: {problem}");
        return ExitCode.Problem;
    }

    internal static void RequireRoot(string verb) => TopoActions.RequireRoot($"lab {verb}");
}
