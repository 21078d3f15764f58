using System.CommandLine;
using Twill.Lab.Lesson;

namespace Twill.Cli;

/// <summary>Things to learn by.</summary>
internal static partial class LabCommand
{
    private static Command Shell()
    {
        var name = new Argument<string>("POD") { Description = "A pod, a node, router or internet" };
        name.CompletionSources.Add(CompletionNames.Everybody);
        var command = new ExampleCommand("shell", "Your shell ($SHELL) inside a pod or a node; the prompt says where you are.",
        [
            "twill lab shell blue",
            "twill lab shell node1",
        ])
        { name };
        command.SetAction(result => Lab.LabExec.Shell(result.GetValue(name)!));
        return command;
    }

    private static Command Break()
    {
        var kind = new Argument<string>("WHAT") { Description = string.Join(", ", LabFault.Kinds) };
        kind.AcceptOnlyFromAmong([.. LabFault.Kinds]);
        var node = new Argument<string?>("NODE") { Description = "Where; without it on the first node", Arity = ArgumentArity.ZeroOrOne };
        node.CompletionSources.Add(CompletionNames.Nodes);
        var how = new Option<bool>("--how") { Description = "Print the commands that break it, which are the answer, and do nothing" };
        var command = new ExampleCommand("break", "Break something real, for you to find. It says what the lesson is about, not what it did; `twill lab fix` puts it right.",
        [
            "twill lab break route node2 && twill lab pingall; twill lab fix",
            "twill lab break mtu",
        ])
        { kind, node, how };
        command.SetAction(result => LabActions.Break(result.GetValue(kind)!, result.GetValue(node), result.GetValue(how)));
        return command;
    }

    private static Command CheckWork()
    {
        var output = new OutputOption();
        var command = new ExampleCommand("check-work", "Judge a network that you have built by hand in an --empty lab: what is missing, in the order in which to build it.",
        [
            "twill lab check-work",
            "twill lab check-work -o json",
        ])
        { output };
        command.SetAction(result => LabActions.CheckWork(output.IsJson(result)));
        return command;
    }
}
