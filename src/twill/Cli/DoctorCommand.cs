using System.CommandLine;
using Twill.Agent;
using Twill.Agent.Doctor;
using Twill.Agent.Install;
using Twill.Agent.View;

namespace Twill.Cli;

/// <summary>twill doctor.</summary>
internal static class DoctorCommand
{
    private const string Everything = "all";

    internal static Command Build()
    {
        var output = new OutputOption();
        var socket = new SocketOption();
        Option<string> cni = NodeCommands.CniDirectory();
        var list = new Option<bool>("--list") { Description = "Show all checks and what each means" };
        var fix = new Option<string[]>("--fix") { Description = $"Mend what this check found, if that can be done; {Everything}: what all found", HelpName = "ID", AllowMultipleArgumentsPerToken = false };
        fix.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (token.Value != Everything && !DoctorChecks.All.Any(c => c.Id == token.Value)) result.AddError($"--fix {token.Value}: expected the id of a check, as `twill doctor --list` shows them, or {Everything}");
            }
        });
        fix.CompletionSources.Add(_ => DoctorChecks.All.Select(c => new System.CommandLine.Completions.CompletionItem(c.Id, detail: c.Meaning)));
        var command = new ExampleCommand("doctor", "Check this node: what is wrong, why, and the exact fix. Exit code 1 where something is wrong. What --fix changes is noted in /var/lib/twill/undo.sh, which takes it back.",
        [
            "twill doctor",
            "twill doctor --fix TWD016",
            "twill doctor --list",
        ])
        { list, fix, output, socket, cni };
        command.SetAction(result =>
        {
            if (result.GetValue(list))
            {
                Terminal.Answer(DoctorText.List());
                return ExitCode.Ok;
            }

            if (!Linux.Sys.StandardStreams.IsRoot) throw new AgentException(ExitCode.NotAllowed, "the checks ask the kernel for things that only root may see: sudo twill doctor");
            DoctorFacts Facts() => DoctorReader.Read(new AgentClient(result.GetValue(socket)!), result.GetValue(cni)!, new InstallPaths(InstallPaths.Machine));
            var results = DoctorChecks.Run(Facts());
            if (result.GetValue(fix) is { Length: > 0 } ids) results = Mend(results, ids, Facts);
            Terminal.Answer(output.IsJson(result) ? DoctorText.Json(results) : DoctorText.Draw(results, Terminal.Style));
            return results.Any(r => r.Finding is { IsWarning: false }) ? ExitCode.Problem : ExitCode.Ok;
        });
        return command;
    }

    /// <returns>The answers after the mending.</returns>
    private static IReadOnlyList<(DoctorCheck Check, Finding? Finding)> Mend(IReadOnlyList<(DoctorCheck Check, Finding? Finding)> results, string[] ids, Func<DoctorFacts> again)
    {
        var mender = new DoctorFix(DoctorFix.DefaultUndo);
        foreach ((DoctorCheck check, Finding? finding) in results)
        {
            if (finding is null || !(ids.Contains(Everything) || ids.Contains(check.Id))) continue;
            if (finding.Mending is { } mending) Terminal.Say($"{check.Id}: {mender.Mend(mending)}   (undo: sh {DoctorFix.DefaultUndo})");
            else if (!ids.Contains(Everything)) Terminal.Say($"{check.Id}: a person has to: {finding.Fix}");
        }

        return DoctorChecks.Run(again());
    }
}
