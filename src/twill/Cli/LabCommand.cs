using System.CommandLine;
using Twill.Lab;
using Twill.Lab.Model;

namespace Twill.Cli;

/// <summary>twill lab: options, call, print.</summary>
internal static partial class LabCommand
{
    internal static Command Build()
    {
        var lab = new ExampleCommand("lab", "A pod network on this machine: nodes, bridges, pods, a LAN, a router and an internet, all in network namespaces.",
        [
            "twill lab up && twill lab pingall && twill lab exec blue -- ip route; twill lab down",
        ])
        {
            Up(), Status(), PingAllCommand(), TraceCommand.BuildPing("twill lab ping"), Exec(), Shell(), AddNode(), RemoveNode(), AddPod(), RemovePod(), Expose(), Unexpose(), Break(), Fix(), KillAgent(), Partition(), Heal(), CheckWork(), Down(),
        };
        return lab;
    }

    private static Command Up()
    {
        var nodes = new Option<int?>("--nodes", "-n") { Description = $"How many nodes at least, 1 to {LabAddresses.MaxNodes}; a new lab has {UpRequest.DefaultNodes}", HelpName = "N" };
        var pods = new Option<int?>("--pods", "-p") { Description = $"Pods on each node at least, 0 to {LabAddresses.MaxPodsPerNode}; a new lab has {UpRequest.DefaultPods}", HelpName = "M" };
        Bound(nodes, 1, LabAddresses.MaxNodes);
        Bound(pods, 0, LabAddresses.MaxPodsPerNode);
        var mode = new Option<string?>("--mode") { Description = "direct: a route on each node for each other; router: all routes on the router; vxlan: tunnels; auto: two LANs, routes within, tunnels between", HelpName = string.Join('|', LabWords.Modes) };
        mode.AcceptOnlyFromAmong([.. LabWords.Modes]);
        var source = new Option<string?>("--source") { Description = "An agent on each node, which learns the others from a file or from etcd; none: the lab itself writes the routes, and what is broken stays so", HelpName = string.Join('|', LabWords.Sources) };
        source.AcceptOnlyFromAmong([.. LabWords.Sources]);
        var v4 = new Option<bool>("--ipv4", "-4") { Description = "IPv4 only, as a new lab has it" };
        var v6 = new Option<bool>("--ipv6", "-6") { Description = "IPv6 only" };
        var dual = new Option<bool>("--dual") { Description = "IPv4 and IPv6" };
        var empty = new Option<bool>("--empty") { Description = "The machines only; their network is your work, and `twill lab check-work` judges it" };
        var file = new Option<string?>("--file", "-f") { Description = "A lab written down, YAML or JSON: what it does not name goes", HelpName = "FILE" };
        file.CompletionSources.Add(CompletionNames.Files);
        var form = new ChangeOptions("Print the script that builds this lab by hand, and do nothing");
        var command = new ExampleCommand("up", "Make the lab, or what is missing of it, and show it. What is not asked for stays as it is. Pods are attached by executing twill as a CNI plugin, as a container runtime does.",
        [
            "twill lab up                        3 nodes with 2 pods each",
            "twill lab up --nodes 5 --pods 10",
            "twill lab up --mode router --dual   the router knows the way; IPv4 and IPv6",
            "twill lab up --mode auto            agents; routes to near nodes, a tunnel to the far one",
            "twill lab up --how                  the same as ip, nft and sysctl commands",
            "twill lab up --empty                do it yourself",
            "twill lab up -f lab.yaml --dry-run  what would change",
        ])
        { nodes, pods, mode, source, v4, v6, dual, empty, file };
        form.AddTo(command);
        command.Validators.Add(result =>
        {
            if (new[] { v4, v6, dual }.Count(result.GetValue) > 1) result.AddError("--ipv4, --ipv6 and --dual exclude each other: choose one");
            if (result.GetValue(file) is not null && new Option[] { nodes, pods, mode, source, v4, v6, dual, empty }.FirstOrDefault(o => result.GetResult(o) is { Implicit: false }) is { } other) result.AddError($"{other.Name} and --file exclude each other: the file says it all");
        });
        command.SetAction(result => LabActions.Up(
            new UpRequest
            {
                Nodes = result.GetValue(nodes),
                Pods = result.GetValue(pods),
                Mode = LabWords.Mode(result.GetValue(mode)),
                Source = LabWords.Source(result.GetValue(source)),
                Families = result.GetValue(dual) ? (true, true) : result.GetValue(v6) ? (false, true) : result.GetValue(v4) ? (true, false) : null,
                Empty = result.GetValue(empty),
                File = result.GetValue(file),
            },
            form.Of(result)));
        return command;
    }

    private static void Bound(Option<int?> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out int value) || value < least || value > most)) result.AddError($"{option.Name} {result.Tokens[0].Value}: expected a number from {least} to {most}");
    });

    private static Command Status()
    {
        var output = new OutputOption();
        var command = new ExampleCommand("status", "Show nodes, bridges, pods, addresses and routes, read from the kernel.",
        [
            "twill lab status",
            "twill lab status -o json",
        ])
        { output };
        command.SetAction(result => LabActions.Status(output.IsJson(result)));
        return command;
    }

    private static Command PingAllCommand()
    {
        var output = new OutputOption();
        var v6 = new Option<bool>("--ipv6", "-6") { Description = "Over IPv6" };
        var command = new ExampleCommand("pingall", "Everybody pings everybody: round-trip times, and the source addresses that the far side sees.",
        [
            "twill lab pingall",
            "twill lab pingall --ipv6 -o json",
        ])
        { v6, output };
        command.SetAction(result => LabActions.PingAll(result.GetValue(v6), output.IsJson(result)));
        return command;
    }

    private static Command Exec()
    {
        var name = new Argument<string>("POD") { Description = "A pod, a node, router or internet" };
        var words = new Argument<string[]>("CMD") { Description = "The command and its arguments, behind --", Arity = ArgumentArity.OneOrMore };
        name.CompletionSources.Add(CompletionNames.Everybody);
        words.CompletionSources.Add(CompletionNames.Programs);
        var command = new ExampleCommand("exec", "Run a command inside a pod or a node.",
        [
            "twill lab exec blue -- ip addr",
            "twill lab exec node1 -- ip route",
            "twill lab exec blue -- ping -c 1 8.8.8.8",
        ])
        { name, words };
        command.SetAction(result => Lab.LabExec.Run(result.GetValue(name)!, result.GetValue(words)!));
        return command;
    }

    private static Command Down()
    {
        var command = new ExampleCommand("down", "Remove the lab: every network namespace with its mark, and nothing else.",
        [
            "twill lab down",
        ]);
        command.SetAction(_ => LabActions.Down());
        return command;
    }
}
