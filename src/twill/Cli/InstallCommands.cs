using System.CommandLine;
using Twill.Agent;
using Twill.Agent.Install;

namespace Twill.Cli;

/// <summary>twill install, join, uninstall: options, call, print.</summary>
internal static class InstallCommands
{
    internal static IReadOnlyList<Command> Build() => [Join(), Install(), Uninstall()];

    private static Command Install()
    {
        var options = new AgentOptions();
        Option<string> root = Root();
        var pluginOnly = new Option<bool>("--plugin-only") { Description = "The plugin and nothing else: where Kubernetes keeps the agent running, or nobody does" };
        var start = new Option<bool>("--start") { Description = "Start the agent, and at every boot" };
        var command = new ExampleCommand("install", "Put the plugin, the agent's unit and the name of our routes on this node. With --root into a directory that becomes an image.",
        [
            "twill install --source file:/etc/twill/nodes.yaml --start",
            "twill install --source kubernetes --root /mnt/image",
            "twill install --plugin-only",
        ]);
        options.AddTo(command);
        command.Options.Add(start);
        command.Options.Add(pluginOnly);
        command.Options.Add(root);
        command.SetAction(result =>
        {
            RequireRoot("install");
            var installer = new Installer(new InstallPaths(result.GetValue(root)!), Terminal.Say);
            if (result.GetValue(pluginOnly))
            {
                installer.InstallPlugin();
                return ExitCode.Ok;
            }

            AgentSettings settings = options.Read(result);
            installer.Install(settings);
            if (result.GetValue(start)) installer.Start(settings);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Join()
    {
        var options = new AgentOptions();
        var source = new Argument<string>("SOURCE") { Description = $"Where nodes are learned from: {SourceChoice.Forms}" };
        source.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && SourceChoice.Parse(token.Value, out string fault) is null) result.AddError(fault);
        });
        var command = new ExampleCommand("join", "Make this machine a node of a cluster: look whether it can be one, install, start, and wait until pods can come.",
        [
            "twill join etcd://10.0.0.1:2379,10.0.0.2:2379 --cluster-cidr 10.244.0.0/16",
            "twill join file:/etc/twill/nodes.yaml",
        ])
        { source };
        options.AddTo(command, source: false);
        command.SetAction(result =>
        {
            RequireRoot("join");
            SourceChoice chosen = SourceChoice.Parse(result.GetValue(source)!, out string fault) ?? throw new AgentException(ExitCode.Usage, fault);
            return InstallActions.Join(options.Read(result, chosen), Terminal.Say);
        });
        return command;
    }

    private static Command Uninstall()
    {
        Option<string> root = Root(), cni = NodeCommands.CniDirectory();
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show what would be removed" };
        var command = new ExampleCommand("uninstall", "Remove from this node what install and the agent made, and nothing else, and show that the node is as it was before. Pods that still run keep their network.",
        [
            "twill uninstall --dry-run",
            "twill uninstall",
        ])
        { dryRun, cni, root };
        command.SetAction(result =>
        {
            RequireRoot("uninstall");
            return InstallActions.Uninstall(new InstallPaths(result.GetValue(root)!), result.GetValue(cni)!, result.GetValue(dryRun), Terminal.Answer, Terminal.Say);
        });
        return command;
    }

    private static Option<string> Root()
    {
        var option = new Option<string>("--root") { Description = "The directory that is, or becomes, the machine's root", HelpName = "DIR", DefaultValueFactory = _ => InstallPaths.Machine };
        option.CompletionSources.Add(CompletionNames.Directories);
        return option;
    }

    private static void RequireRoot(string verb)
    {
        if (!Linux.Sys.StandardStreams.IsRoot) throw new AgentException(ExitCode.NotAllowed, $"`twill {verb}` writes the system's files, and only root may: sudo twill {verb}");
    }
}
