using System.CommandLine;
using Twill.Lab;

namespace Twill.Cli;

/// <summary>twill lab: options, call, print.</summary>
internal static class LabCommand
{
    internal static Command Build()
    {
        var lab = new ExampleCommand("lab", "A pod network on this machine: nodes, bridges, pods, a LAN, a router and an internet, all in network namespaces.",
        [
            "twill lab up && twill lab pingall && twill lab exec blue -- ip route; twill lab down",
        ])
        {
            Up(), Status(), PingAllCommand(), Exec(), Down(),
        };
        return lab;
    }

    private static Command Up()
    {
        var nodes = new NumberOption("--nodes", ["-n"], "How many nodes", 1, LabAddresses.MaxNodes, 3);
        var pods = new NumberOption("--pods", ["-p"], "Pods on each node", 0, LabAddresses.MaxPodsPerNode, 2);
        var command = new ExampleCommand("up", "Make the lab, or what is missing of it, and show it. Pods are attached by executing twill as a CNI plugin, as a container runtime does.",
        [
            "twill lab up                        3 nodes with 2 pods each",
            "twill lab up --nodes 5 --pods 10",
        ])
        { nodes, pods };
        command.SetAction(result => LabActions.Up(new LabSize(result.GetValue(nodes), result.GetValue(pods))));
        return command;
    }

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
