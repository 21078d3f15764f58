using System.CommandLine;
using Twill.Lab.Calls;
using Twill.Trace;

namespace Twill.Cli;

/// <summary>The words that trace, why and ping have in common: two ends, and what kind of packet.</summary>
internal sealed class TraceOptions
{
    /// <summary>Of an IP packet.</summary>
    private const int LeastBytes = 36, MostBytes = 65535;

    private readonly Argument<string> _from = new("A") { Description = "Who sends: a pod, a node, router, internet, or an address of one" };
    private readonly Argument<string> _to = new("B") { Description = "To whom: the same, or any IP address" };
    private readonly NumberOption _tcp = new("--tcp", [], "A TCP SYN to this port", 1, ushort.MaxValue, 0) { HelpName = "PORT" };
    private readonly NumberOption _udp = new("--udp", [], "A UDP datagram to this port", 1, ushort.MaxValue, 0) { HelpName = "PORT" };
    private readonly NumberOption _size = new("--size", [], "Bytes with the IP header, not to be cut on the way", LeastBytes, MostBytes, 0) { HelpName = "BYTES" };
    private readonly Option<bool> _v6 = new("--ipv6", "-6") { Description = "Over IPv6" };

    /// <param name="command">Gets the words.</param>
    /// <param name="sized">Whether the size can be chosen.</param>
    /// <param name="services">Whether B may be a service.</param>
    internal TraceOptions(Command command, bool sized, bool services = false)
    {
        foreach (NumberOption option in (NumberOption[])[_tcp, _udp, _size]) option.DefaultValueFactory = null;
        _from.CompletionSources.Add(CompletionNames.Everybody);
        _to.CompletionSources.Add(services ? CompletionNames.EverybodyAndServices : CompletionNames.Everybody);
        if (services)
        {
            _tcp.Arity = ArgumentArity.ZeroOrOne;
            _to.Description = "To whom: the same, any IP address, svc/NAME, or one of these with a port: svc/web:80, node1:30080";
        }

        command.Add(_from);
        command.Add(_to);
        command.Add(_tcp);
        command.Add(_udp);
        if (sized) command.Add(_size);
        command.Add(_v6);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_tcp) != 0 && result.GetValue(_udp) != 0) result.AddError("--tcp and --udp exclude each other: choose one");
            if (services && !IsCall(result.GetValue(_to)) && result.GetResult(_tcp) is { Implicit: false, Tokens.Count: 0 }) result.AddError($"--tcp: which port? --tcp 80, or {result.GetValue(_to)}:80");
            if (services && IsCall(result.GetValue(_to)) && (result.GetValue(_udp) != 0 || result.GetValue(_size) != 0)) result.AddError("a service, and a port behind a name, is asked over TCP: --udp and --size are for addresses alone");
            if (sized && result.GetValue(_tcp) != 0 && result.GetValue(_size) != 0) result.AddError("--size and --tcp exclude each other: a SYN has its own size");
        });
    }

    /// <summary>B as something with a port that a connection is made to; null: it is not.</summary>
    internal CallTarget? Call(ParseResult result)
        => result.GetValue(_to) is { } to && CallTarget.TryParse(to) is { } target ? target with { Port = target.Port is 0 ? (ushort)result.GetValue(_tcp) : target.Port } : null;

    private static bool IsCall(string? to) => to is not null && CallTarget.TryParse(to) is not null;

    internal bool IsV6(ParseResult result) => result.GetValue(_v6);

    internal TraceRequest Read(ParseResult result) => new(result.GetValue(_from)!, result.GetValue(_to)!)
    {
        Protocol = result.GetValue(_tcp) != 0 ? TraceProtocol.Tcp : result.GetValue(_udp) != 0 ? TraceProtocol.Udp : TraceProtocol.Icmp,
        Port = (ushort)(result.GetValue(_tcp) + result.GetValue(_udp)),
        Size = result.GetValue(_size) is var bytes and not 0 ? bytes : null,
        V6 = result.GetValue(_v6),
    };
}
