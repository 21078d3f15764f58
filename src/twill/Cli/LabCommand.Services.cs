using System.CommandLine;
using Twill.Lab.Container;
using Twill.Lab.Model;

namespace Twill.Cli;

/// <summary>One address for several pods.</summary>
internal static partial class LabCommand
{
    private static Command Expose()
    {
        var name = new Argument<string>("NAME") { Description = "Of the service; one that is there is changed, and keeps its addresses" };
        name.CompletionSources.Add(CompletionNames.LabServices);
        var pods = new Option<string>("--pods") { Description = "Who answers", HelpName = "POD,POD", Required = true };
        pods.CompletionSources.Add(CompletionNames.Pods);
        var port = new NumberOption("--port", [], "Where clients knock", 1, ushort.MaxValue, ContainerProcess.Port) { HelpName = "PORT" };
        var target = new NumberOption("--target-port", [], "Where the pods listen; without it the same port", 1, ushort.MaxValue, 0) { HelpName = "PORT", DefaultValueFactory = null };
        var nodePort = new Option<string?>("--node-port") { Description = $"A port at every node's own address, for those outside: a number from {LabSpec.FirstNodePort} to {LabSpec.LastNodePort}, or without one the first that is free", HelpName = "PORT", Arity = ArgumentArity.ZeroOrOne };
        nodePort.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out int value) || value < LabSpec.FirstNodePort || value > LabSpec.LastNodePort)) result.AddError($"--node-port {result.Tokens[0].Value}: expected a number from {LabSpec.FirstNodePort} to {LabSpec.LastNodePort}");
        });
        var loadBalancer = new Option<bool>("--load-balancer") { Description = "An address on the LAN, for those outside" };
        var form = new ChangeOptions();
        var command = new ExampleCommand("expose", "Give pods one address more, which they share: a service. Each node translates it; pods without a container get one that answers on port 80.",
        [
            "twill lab expose web --pods blue,green --port 80",
            "twill lab expose web --pods blue,green --node-port --load-balancer   for the internet, too",
            "twill lab expose web --pods blue,green --how",
        ])
        { name, pods, port, target, nodePort, loadBalancer };
        form.AddTo(command);
        command.SetAction(result => LabActions.Expose(
            result.GetValue(name)!,
            spec => spec.WithService(
                result.GetValue(name)!,
                result.GetValue(pods)!.Split(',', StringSplitOptions.RemoveEmptyEntries),
                (ushort)result.GetValue(port),
                result.GetValue(target) is var to and not 0 ? (ushort)to : null,
                result.GetResult(nodePort) is null ? null : ushort.Parse(result.GetValue(nodePort) ?? "0", System.Globalization.CultureInfo.InvariantCulture),
                result.GetValue(loadBalancer)),
            form.Of(result)));
        return command;
    }

    private static Command Unexpose()
    {
        var name = new Argument<string>("NAME") { Description = "A service; its pods stay" };
        name.CompletionSources.Add(CompletionNames.LabServices);
        var form = new ChangeOptions();
        var command = new ExampleCommand("unexpose", "Take a service's addresses away. Connections that are there go on.",
        [
            "twill lab unexpose web",
        ])
        { name };
        form.AddTo(command);
        command.SetAction(result => LabActions.Change("unexpose", spec => spec.WithoutService(result.GetValue(name)!), form.Of(result)));
        return command;
    }
}
