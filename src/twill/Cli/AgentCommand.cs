using System.CommandLine;
using System.Runtime.InteropServices;
using Twill.Agent;

namespace Twill.Cli;

/// <summary>twill agent.</summary>
internal static class AgentCommand
{
    internal static Command Build()
    {
        var options = new AgentOptions();
        var command = new ExampleCommand("agent", "Keep this node's network as the list of nodes says, until stopped. Stopping it takes nothing away: pods and routes stay, and the next start writes only what differs.",
        [
            "twill agent --source file:/etc/twill/nodes.yaml",
            "twill agent --source etcd://10.0.0.1:2379,10.0.0.2:2379 --cluster-cidr 10.244.0.0/16",
            "twill agent --source kubernetes --listen 127.0.0.1:9077",
        ]);
        options.AddTo(command);
        command.SetAction(result => Run(options.Read(result)));
        return command;
    }

    private static int Run(AgentSettings settings)
    {
        TimeProvider time = TimeProvider.System;
        var program = new AgentProgram(settings, AgentLog.FromEnvironment(time), time, Notify.FromEnvironment());

        // At once, and nothing is taken away.
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => End(context));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => End(context));
        return program.Run();

        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            program.End(ExitCode.Ok);
        }
    }
}
