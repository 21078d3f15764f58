using System.CommandLine;

namespace Twill.Cli;

/// <summary>twill trace, why and ping: options, call, print.</summary>
internal static class TraceCommand
{
    private const int MostPings = 1000, Pings = 2;

    internal static Command Build()
    {
        var command = new ExampleCommand("trace", "Follow one packet hop by hop: what is predicted from the kernel's state, and what is seen of a real one.",
        [
            "twill trace blue green",
            "twill trace blue green --tcp 80 --reply",
            "twill trace blue internet --size 1500",
            "twill trace blue svc/web                 a connection to a service, and which pod it was",
            "twill trace node1 10.244.2.2 --predict-only -o json",
        ]);
        var words = new TraceOptions(command, sized: true, services: true);
        var predict = new Option<bool>("--predict-only") { Description = "Send nothing" };
        var reply = new Option<bool>("--reply") { Description = "Show the way back too" };
        var output = new OutputOption();
        command.Add(predict);
        command.Add(reply);
        command.Add(output);
        command.SetAction(result => TraceActions.Trace(TraceActions.Resolved(words.Read(result), words.Call(result)) with { PredictOnly = result.GetValue(predict), Reply = result.GetValue(reply) }, output.IsJson(result)));
        return command;
    }

    internal static Command BuildWhy()
    {
        var command = new ExampleCommand("why", "Say in one sentence why A does not reach B, what shows it, and the command that mends it.",
        [
            "twill why blue green",
            "twill why blue 10.244.2.9",
            "twill why blue internet --tcp 443",
        ]);
        var words = new TraceOptions(command, sized: false);
        var output = new OutputOption();
        command.Add(output);
        command.SetAction(result => TraceActions.Why(words.Read(result), output.IsJson(result)));
        return command;
    }

    internal static Command BuildPing(string path)
    {
        var command = new ExampleCommand("ping", "Ping B from A: the way it takes, and the time that each part of it takes.",
        [
            $"{path} blue green",
            $"{path} node1 green -c 5",
            $"{path} blue internet --tcp 443",
            $"{path} blue svc/web:80 --tcp             a connection to a service: who answers, and what the nodes translate",
            $"{path} internet svc/web -c 10            from outside: its load balancer's address, or else a node port",
        ]);
        var words = new TraceOptions(command, sized: true, services: true);
        var count = new NumberOption("--count", ["-c"], "How many, one after the other", 1, MostPings, Pings);
        var output = new OutputOption();
        command.Add(count);
        command.Add(output);
        command.SetAction(result => words.Call(result) is { } target
            ? LabActions.Call(words.Read(result).From, target, words.IsV6(result), result.GetValue(count), output.IsJson(result))
            : TraceActions.Ping(words.Read(result), result.GetValue(count), output.IsJson(result)));
        return command;
    }
}
