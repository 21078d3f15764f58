using System.Diagnostics;
using System.Runtime.InteropServices;
using Twill.Lab;
using Twill.Linux.Sys;

namespace Twill.Cli;

/// <summary>What the lab's commands do: call, then print.</summary>
internal static class LabActions
{
    internal static int Up(LabSize size)
    {
        RequireRoot("up");
        long start = Stopwatch.GetTimestamp();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, static context =>
        {
            context.Cancel = true;
            Terminal.Say("\ntwill: interrupted; what was made bears the lab's mark: `twill lab down` removes it, `twill lab up` goes on");
            Environment.Exit(ExitCode.Interrupted);
        });
        int made;
        using (var bar = new ProgressBar(Terminal.ErrorIsTerminal)) made = new LabUp(size, bar.Note).Run();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        LabView view = LabReader.Read(LabInventory.Read());
        Terminal.Answer(LabPicture.Draw(view, Terminal.Style));
        Terminal.Say(made == 0 ? "the lab was up already; nothing changed" : $"{view.Nodes.Count} nodes, {view.Nodes.Sum(n => n.Pods.Count)} pods up in {seconds:0.00} s");
        if (view.Nodes.All(n => n.Addresses.Count == 1)) Terminal.Say("IPv6 is off on this machine (sysctl net.ipv6.conf.default.disable_ipv6), so the lab has IPv4 only");
        string dot = Terminal.Style.Dot;
        Terminal.Say($"next: twill lab pingall {dot} twill lab exec blue -- ip addr {dot} twill lab down");
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
        LabView view = Present("status");
        Terminal.Answer(json ? LabJson.Status(view) : LabPicture.Draw(view, Terminal.Style));
        return LabHealth.Problems(view) is { Count: > 0 } problems ? Complain(problems) : ExitCode.Ok;
    }

    internal static int PingAll(bool v6, bool json)
    {
        LabView view = Present("pingall");
        PingReport report = Lab.PingAll.Run(view, v6);
        if (report.Results.Count == 0) throw new LabException($"nobody in the lab can ping anybody: {report.AllPods} pods, {report.AllNodes} nodes with an IPv{(v6 ? 6 : 4)} address; `twill lab status` shows them");
        Terminal.Answer(json ? LabJson.PingAll(report) : PingText.Draw(report, Terminal.Width, Terminal.Style));
        return report.Ok ? ExitCode.Ok : ExitCode.Problem;
    }

    internal static void RequireRoot(string verb)
    {
        if (!StandardStreams.IsRoot) throw new LabException(ExitCode.NotAllowed, $"`twill lab {verb}` works with network namespaces, and only root may: sudo twill lab {verb}");
    }

    private static LabView Present(string verb)
    {
        RequireRoot(verb);
        LabInventory inventory = LabInventory.Read();
        return inventory.IsEmpty ? throw new LabException(ExitCode.NotFound, "there is no lab on this machine: `twill lab up` makes one") : LabReader.Read(inventory);
    }

    private static int Complain(IReadOnlyList<string> problems)
    {
        foreach (string problem in problems) Terminal.Say($"twill: {problem}");
        return ExitCode.Problem;
    }
}
