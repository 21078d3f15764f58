using System.CommandLine;
using Twill.Lab;

namespace Twill.Cli;

/// <summary>Nodes and pods, one more or one less.</summary>
internal static partial class LabCommand
{
    private static Command AddNode()
    {
        var index = new Argument<int?>("N") { Description = "Its number; without one the next that is free", Arity = ArgumentArity.ZeroOrOne };
        index.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out int value) || value < 1 || value > LabAddresses.MaxNodes)) result.AddError($"N {result.Tokens[0].Value}: expected a number from 1 to {LabAddresses.MaxNodes}");
        });
        var pods = new NumberOption("--pods", ["-p"], "Pods on it", 0, LabAddresses.MaxPodsPerNode, 0);
        var form = new ChangeOptions();
        var command = new ExampleCommand("add-node", "Add a node to the lab, and to everybody's routes.",
        [
            "twill lab add-node --pods 2",
            "twill lab add-node --how             which lines does a cluster need for one node more?",
        ])
        { index, pods };
        form.AddTo(command);
        command.SetAction(result => LabActions.Change("add-node", spec => spec.WithNode(result.GetValue(index), result.GetValue(pods)), form.Of(result)));
        return command;
    }

    private static Command RemoveNode()
    {
        var node = new Argument<string>("NODE") { Description = "A node; its pods go with it" };
        node.CompletionSources.Add(CompletionNames.Nodes);
        var form = new ChangeOptions();
        var command = new ExampleCommand("remove-node", "Remove a node with its pods, and the routes to them.",
        [
            "twill lab remove-node node3",
        ])
        { node };
        form.AddTo(command);
        command.SetAction(result => LabActions.Change("remove-node", spec => spec.WithoutNode(result.GetValue(node)!), form.Of(result)));
        return command;
    }

    private static Command AddPod()
    {
        var name = new Argument<string>("NAME") { Description = "Of the new pod" };
        var node = new Option<string?>("--node") { Description = "Where; without it on the node with the fewest pods", HelpName = "NODE" };
        node.CompletionSources.Add(CompletionNames.Nodes);
        var containers = new Option<string?>("--containers", "-c") { Description = "Processes that share the pod's network; one called web serves port 80, the others ask it over localhost", HelpName = "NAME,NAME" };
        var form = new ChangeOptions();
        var command = new ExampleCommand("add-pod", "Add a pod: a namespace, a cable to its node's bridge, an address, a default route.",
        [
            "twill lab add-pod red2",
            "twill lab add-pod shop --containers web,probe    two containers, one address, talking over localhost",
            "twill lab add-pod red2 --node node1 --how",
        ])
        { name, node, containers };
        form.AddTo(command);
        command.SetAction(result => LabActions.Change("add-pod", spec => spec.WithPod(result.GetValue(name)!, result.GetValue(node), result.GetValue(containers)?.Split(',') ?? []), form.Of(result)));
        return command;
    }

    private static Command RemovePod()
    {
        var name = new Argument<string>("NAME") { Description = "A pod; its containers end" };
        name.CompletionSources.Add(CompletionNames.Pods);
        var form = new ChangeOptions();
        var command = new ExampleCommand("remove-pod", "Remove a pod: its containers, its cable (the CNI plugin's DEL), its namespace.",
        [
            "twill lab remove-pod blue",
        ])
        { name };
        form.AddTo(command);
        command.SetAction(result => LabActions.Change("remove-pod", spec => spec.WithoutPod(result.GetValue(name)!), form.Of(result)));
        return command;
    }

    private static Command KillAgent()
    {
        Argument<string> node = AgentsNode();
        var command = new ExampleCommand("kill-agent", "End a node's agent at once (kill -9). The network goes on without it; what is broken then stays broken, and `twill lab fix` starts it again.",
        [
            "twill lab kill-agent node1 && twill lab pingall",
        ])
        { node };
        command.SetAction(result => LabActions.KillAgent(result.GetValue(node)!));
        return command;
    }

    private static Command Partition()
    {
        Argument<string> node = AgentsNode();
        var command = new ExampleCommand("partition", "Take a node's cable out of its LAN: it reaches nobody outside, and nobody reaches it. Its pods still reach each other.",
        [
            "twill lab partition node2 && twill lab pingall; twill lab heal",
        ])
        { node };
        command.SetAction(result => LabActions.Partition(result.GetValue(node)!));
        return command;
    }

    private static Command Heal()
    {
        var form = new ChangeOptions();
        var command = new ExampleCommand("heal", "Plug every node in again that `twill lab partition` cut off; the same as fix.",
        [
            "twill lab heal",
        ]);
        form.AddTo(command);
        command.SetAction(result => LabActions.Fix(form.Of(result)));
        return command;
    }

    private static Argument<string> AgentsNode()
    {
        var node = new Argument<string>("NODE") { Description = "A node of the lab" };
        node.CompletionSources.Add(CompletionNames.Nodes);
        return node;
    }

    private static Command Fix()
    {
        var form = new ChangeOptions();
        var command = new ExampleCommand("fix", "Put right whatever is not as it should be, and say what it was.",
        [
            "twill lab fix",
            "twill lab fix --dry-run",
        ]);
        form.AddTo(command);
        command.SetAction(result => LabActions.Fix(form.Of(result)));
        return command;
    }
}
