using System.CommandLine;
using Twill.Trace;

namespace Twill.Cli;

/// <summary>twill trace: options, call, print.</summary>
internal static class TraceCommand
{
    private const string Json = "json";

    internal static Command Build()
    {
        var from = new Argument<string>("A") { Description = "Who sends: a pod, a node, router, internet, or an address of one" };
        var to = new Argument<string>("B") { Description = "To whom: the same, or any IP address" };
        var tcp = new Option<int>("--tcp") { Description = "A TCP SYN to this port", HelpName = "PORT" };
        var udp = new Option<int>("--udp") { Description = "A UDP datagram to this port", HelpName = "PORT" };
        var size = new Option<int>("--size") { Description = "Bytes with the IP header; the packet may not be cut on the way", HelpName = "BYTES" };
        var predict = new Option<bool>("--predict-only") { Description = "Send nothing" };
        var reply = new Option<bool>("--reply") { Description = "Show the way back too" };
        var v6 = new Option<bool>("--ipv6", "-6") { Description = "Over IPv6" };
        var output = new Option<string>("--output", "-o") { Description = "text, or json with a \"schema\" field", DefaultValueFactory = _ => "text", HelpName = "FORMAT" };
        output.AcceptOnlyFromAmong("text", Json);
        Bound(tcp, 1, 65535);
        Bound(udp, 1, 65535);
        Bound(size, 36, 65535);
        var command = new ExampleCommand("trace", "Follow one packet hop by hop: what is predicted from the kernel's state, and what is seen of a real one.",
        [
            "twill trace blue green",
            "twill trace blue green --tcp 80 --reply",
            "twill trace blue internet --size 1500",
            "twill trace node1 10.244.2.2 --predict-only -o json",
        ])
        { from, to, tcp, udp, size, predict, reply, v6, output };
        command.Validators.Add(result =>
        {
            if (result.GetValue(tcp) != 0 && result.GetValue(udp) != 0) result.AddError("--tcp and --udp: one of the two");
            if (result.GetValue(tcp) != 0 && result.GetValue(size) != 0) result.AddError("--size: a TCP SYN has its own size; use it with ICMP or --udp");
        });
        command.SetAction(result => TraceActions.Trace(
            new TraceRequest(result.GetValue(from)!, result.GetValue(to)!)
            {
                Protocol = result.GetValue(tcp) != 0 ? TraceProtocol.Tcp : result.GetValue(udp) != 0 ? TraceProtocol.Udp : TraceProtocol.Icmp,
                Port = (ushort)(result.GetValue(tcp) + result.GetValue(udp)),
                Size = result.GetValue(size) is var bytes and not 0 ? bytes : null,
                V6 = result.GetValue(v6),
                PredictOnly = result.GetValue(predict),
                Reply = result.GetValue(reply),
            },
            result.GetValue(output) == Json));
        return command;
    }

    private static void Bound(Option<int> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && (value < least || value > most)) result.AddError($"{option.Name} {value}: expected {least} to {most}");
    });
}
