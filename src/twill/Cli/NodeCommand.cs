using System.CommandLine;
using Twill.Agent;
using Twill.Agent.Registry;
using Twill.Etcd;
using Twill.Fabric.Model;

namespace Twill.Cli;

/// <summary>twill node remove.</summary>
internal static class NodeCommand
{
    internal static Command Build()
    {
        var node = new ExampleCommand("node", "Change the cluster's list of nodes in etcd.", ["twill node remove node3 --source etcd://10.0.0.1:2379"]);
        node.Subcommands.Add(Remove());
        return node;
    }

    private static Command Remove()
    {
        var name = new Argument<string>("NODE") { Description = "Its name in the list of nodes" };
        var options = new AgentOptions();
        var command = new ExampleCommand("remove", "Take a node out of the list in etcd: its block and addresses are free then, and every other node forgets the way to it. For a machine that is gone, or drained; its agent would register it again.",
        [
            "twill node remove node3 --source etcd://10.0.0.1:2379",
        ])
        { name };
        options.AddSourceTo(command);
        command.SetAction(result =>
        {
            AgentSettings settings = options.Read(result);
            if (settings.Source is not SourceChoice.Etcd etcd) throw new AgentException(ExitCode.Usage, $"nodes of {settings.Source} are removed where they are written: only those in etcd are ours to remove");
            using var client = new EtcdClient(SourceFactory.EtcdOptionsOf(settings, etcd));
            ClusterNode gone = Call(new NodeRegistry(client), result.GetValue(name)!) ?? throw new AgentException(ExitCode.NotFound, $"{settings.Source} has no node {result.GetValue(name)}: `twill nodes` lists them");
            Terminal.Say($"removed {gone.Name} ({string.Join(", ", gone.Addresses)}); free now: {string.Join(", ", gone.PodBlocks)}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static ClusterNode? Call(NodeRegistry registry, string name)
    {
        try
        {
            return registry.RemoveAsync(name).GetAwaiter().GetResult();
        }
        catch (EtcdException e)
        {
            throw new AgentException(ExitCode.TimeOut, e.Message);
        }
    }
}
