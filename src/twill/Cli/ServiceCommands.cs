using System.CommandLine;
using Twill.Agent;
using Twill.Agent.View;

namespace Twill.Cli;

/// <summary>twill services and twill service: options, call, print.</summary>
internal static class ServiceCommands
{
    internal static Command BuildServices()
    {
        var output = new OutputOption();
        var socket = new SocketOption();
        var command = new ExampleCommand("services", "Show this node's services: where each is reached, how many endpoints are in use, how connections are spread, how many there were. Read from the kernel; works without the agent.",
        [
            "twill services",
            "twill services -o json",
        ])
        { output, socket };
        command.SetAction(result =>
        {
            ServiceReport report = Read("services", result.GetValue(socket)!);
            if (output.IsJson(result)) Terminal.Answer(ServiceViewJson.Of(report));
            else if (report.Kernel.Frontends.Count > 0) Terminal.Answer(ServiceViewText.List(report));
            else Terminal.Say(report.Kernel.Present ? "there are no services" : "services are not kept on this node: there is no table inet twill-services (twill agent --services on keeps them)");
            return Judge(report);
        });
        return command;
    }

    internal static Command Build()
    {
        var service = new ExampleCommand("service", "One address for several pods: shown, and in etcd changed.",
        [
            "twill service show web",
            "twill service add web --address 10.96.0.10 --port 80 --endpoints 10.244.1.2,10.244.2.2 --source etcd://10.0.0.1:2379",
        ]);
        service.Subcommands.Add(Show());
        foreach (Command command in ServiceRecordCommands.Build()) service.Subcommands.Add(command);
        return service;
    }

    private static Command Show()
    {
        var name = new Argument<string>("NAME") { Description = "NAMESPACE/NAME, or NAME" };
        name.CompletionSources.Add(CompletionNames.NodeServices);
        var output = new OutputOption();
        var socket = new SocketOption();
        var command = new ExampleCommand("show", "Show one service: each address with the endpoints behind it and its connections, and why each endpoint is used or not.",
        [
            "twill service show web",
            "twill service show default/web -o json",
        ])
        { name, output, socket };
        command.SetAction(result =>
        {
            ServiceReport report = Read("service show", result.GetValue(socket)!);
            string found = report.Find(result.GetValue(name)!);
            if (report.Agent is null) Terminal.Say("source: kernel; agent not running, so endpoints that are not used are not known");
            Terminal.Answer(output.IsJson(result) ? ServiceViewJson.Of(report, found) : ServiceViewText.Show(report, found));
            return Judge(report);
        });
        return command;
    }

    private static ServiceReport Read(string verb, string socket)
    {
        if (!Linux.Sys.StandardStreams.IsRoot) throw new AgentException(ExitCode.NotAllowed, $"`twill {verb}` asks the kernel for things that only root may see: sudo twill {verb}");
        return ServiceReport.Read(new AgentClient(socket));
    }

    private static int Judge(ServiceReport report)
    {
        string[] problems = [.. report.Problems];
        foreach (string problem in problems) Terminal.Say($"twill: {problem}");
        return problems.Length == 0 ? ExitCode.Ok : ExitCode.Problem;
    }
}
