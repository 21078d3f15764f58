using System.Text.Json;
using Twill.Agent.Doctor;
using Twill.Agent.Registry;
using Twill.Agent.View;
using Twill.Cli;
using Twill.Etcd;
using Twill.Fabric.Apply;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Agent.Install;

/// <summary>Joining a cluster and leaving it, step by step.</summary>
internal static class InstallActions
{
    /// <summary>Answers of the agent waited for until the node is ready; each comes with something that happened, or after 25 s.</summary>
    private const int MaxAnswers = 20;

    /// <summary>For one question to etcd before anything is installed.</summary>
    private static readonly TimeSpan s_etcdPatience = TimeSpan.FromSeconds(5);

    private static readonly string[] s_hidden = ["/home/", "/root/", "/run/user/", "/tmp/", "/var/tmp/"];

    /// <returns>An exit code.</returns>
    internal static int Join(AgentSettings settings, Action<string> say)
    {
        IReadOnlyList<string> obstacles = Obstacles(settings);
        foreach (string obstacle in obstacles) say($"cannot join yet: {obstacle}");
        if (obstacles.Count > 0) return ExitCode.Problem;
        var installer = new Installer(new InstallPaths(InstallPaths.Machine), say);
        installer.Install(settings);
        return installer.Start(settings) ? AwaitReady(new AgentClient(settings.Socket), say) : ExitCode.Ok;
    }

    internal static int Uninstall(InstallPaths paths, string cniDirectory, bool dryRun, Action<string> answer, Action<string> say)
    {
        var installer = new Installer(paths, line => answer($"{line}\n"));
        if (!dryRun) installer.Stop();
        if (paths.IsMachine) RemoveNetwork(dryRun, answer, say);
        installer.RemoveFiles(cniDirectory, dryRun);
        if (dryRun || !paths.IsMachine) return ExitCode.Ok;
        if (installer.ReadBefore() is not { } before)
        {
            say("nobody noted what this node was like before (`twill install` does), so nothing is compared");
            return ExitCode.Ok;
        }

        RestoreSysctls(before, answer);
        return Prove(before, installer, answer, say);
    }

    /// <summary>What stands in the way of this machine being a node, each with its fix.</summary>
    private static List<string> Obstacles(AgentSettings settings)
    {
        List<string> obstacles = [];
        if (LiveMark.TryHold(OneAgent.MarkName) is { } mark) mark.Dispose();
        else obstacles.Add("an agent works here already: `twill status` shows it; `systemctl stop twill` stops it");
        DoctorFacts facts = DoctorReader.Read(new AgentClient(settings.Socket), settings.CniDirectory, new InstallPaths(InstallPaths.Machine));
        foreach ((DoctorCheck check, Finding? finding) in DoctorChecks.Run(facts))
        {
            if (finding is { IsWarning: false } && DoctorChecks.BeforeJoining.Contains(check.Id)) obstacles.Add($"{finding.Reason}; {finding.Fix} [{check.Id}]");
        }

        if (KernelReader.FilesOf(settings.CniDirectory) is { Files: [var first, ..] } && string.CompareOrdinal(first, NodeConfiguration.FileName) < 0) obstacles.Add($"{Path.Combine(settings.CniDirectory, first)} sorts before {NodeConfiguration.FileName}, so the runtime would take it: move it out of {settings.CniDirectory}");
        if (settings.Source is SourceChoice.Nodes file && !File.Exists(file.Path)) obstacles.Add($"{file.Path} is not there: write the list of nodes first (docs/agent.md has its form)");
        if (Installer.HasSystemd) obstacles.AddRange(Hidden(settings));
        try
        {
            if (settings.Source is SourceChoice.Etcd etcd)
            {
                SourceFactory.ClaimOf(settings);
                using var client = new EtcdClient(SourceFactory.EtcdOptionsOf(settings, etcd) with { CallTimeout = s_etcdPatience });
                client.RangeAsync(new EtcdOperation.Range(KeyRange.Prefix(RegistryKeys.DefaultRoot)) { CountOnly = true }).GetAwaiter().GetResult();
            }
        }
        catch (Exception e) when (e is AgentException or Fabric.FabricException or LinuxException or EtcdException)
        {
            obstacles.Add(e.Message);
        }

        return obstacles;
    }

    /// <summary>Files that the agent reads: the unit sees no home directory (ProtectHome) and has a /tmp of its own (PrivateTmp).</summary>
    private static IEnumerable<string> Hidden(AgentSettings settings)
    {
        string?[] files = [settings.EtcdCa, settings.EtcdCertificate, settings.EtcdKey, (settings.Source as SourceChoice.Nodes)?.Path, (settings.Source as SourceChoice.Kubernetes)?.ConfigPath];
        foreach (string? file in files)
        {
            if (file is not null && Array.Find(s_hidden, d => file.StartsWith(d, StringComparison.Ordinal)) is { } directory) yield return $"{file} is below {directory}, which the agent's unit cannot see: put it into /etc/twill";
        }
    }

    private static int AwaitReady(AgentClient agent, Action<string> say)
    {
        long after = 0;
        for (int i = 0; i < MaxAnswers && agent.Events(after, wait: after > 0) is { } events; i++)
        {
            using (events)
            {
                foreach (string line in EventText.Lines(events.RootElement)) say(line);
                if (events.RootElement.GetProperty("events").EnumerateArray().Any(e => e.GetProperty("kind").GetString() == "ready"))
                {
                    say("joined; next: twill status");
                    return ExitCode.Ok;
                }

                after = Math.Max(1, EventText.Last(events.RootElement, after));
            }
        }

        using JsonDocument? status = agent.Status();
        string why = status is null ? "the agent does not run: journalctl -u twill" : string.Join("; ", status.RootElement.GetProperty("problems").EnumerateArray().Select(p => p.GetString()));
        throw new AgentException(ExitCode.TimeOut, $"the agent is installed, but the node is not ready: {why}");
    }

    private static void RemoveNetwork(bool dryRun, Action<string> answer, Action<string> say)
    {
        // Held until we end: no agent may come while we remove.
        Descriptor mark = LiveMark.TryHold(OneAgent.MarkName) ?? throw new AgentException("the agent of this node runs, and would put back what is removed: stop it first (systemctl stop twill, or end the process that `ss -xap | grep twill:agent` names)");
        using RouteSocket host = RouteSocket.Open();
        using NftSocket nft = NftSocket.Open();
        foreach (string line in NodeRemoval.Run(host, nft, dryRun)) answer($"{line}\n");
        foreach ((string bridge, int ports) in NodeRemoval.Standing(host)) say($"bridge {bridge} stays: {ports} pods are on it; when they are gone: ip link del {bridge}");
        mark.Dispose();
    }

    /// <summary>Sysctls that the agent turned on become what they were.</summary>
    private static void RestoreSysctls(IReadOnlyList<string> before, Action<string> answer)
    {
        foreach (string key in HostDump.Sysctls)
        {
            string head = $"sysctl {key} ";
            if (before.FirstOrDefault(l => l.StartsWith(head, StringComparison.Ordinal)) is { } line && line.Length > head.Length && Sysctl.Ensure(key, line[head.Length..])) answer($"sysctl -w {key.Replace('/', '.')}={line[head.Length..]}\n");
        }
    }

    private static int Prove(IReadOnlyList<string> before, Installer installer, Action<string> answer, Action<string> say)
    {
        IReadOnlyList<string> difference = HostDump.Difference(before, HostDump.Read());
        if (difference.Count == 0)
        {
            installer.ForgetBefore();
            answer($"links, addresses, routes, rules, nftables and sysctls equal those taken before the installation ({before.Count} lines)\n");
            return ExitCode.Ok;
        }

        say($"{difference.Count} lines differ from before the installation; none of them is known to be ours unless a bridge of ours stays:");
        foreach (string line in difference) say(line);
        return ExitCode.Problem;
    }
}
