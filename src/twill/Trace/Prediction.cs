using Twill.Lab.State;
using Twill.Linux.Route;

namespace Twill.Trace;

/// <summary>The way there and the way back, before anything is sent.</summary>
/// <param name="Sent">The packet as its sender makes it.</param>
/// <param name="Back">Null: it does not arrive, so nobody answers.</param>
internal sealed record Prediction(Endpoint From, Endpoint To, Packet Sent, Journey There, Journey? Back)
{
    private const int PingPayload = 56;

    internal Cause? Cause => There.Cause ?? Back?.Cause;

    /// <summary>It arrives, and so does the answer.</summary>
    internal bool Reaches => There.Arrived is not null && Back?.Arrived is not null;

    internal IEnumerable<Translation> Translations { get; init; } = [];

    /// <summary>Which of <see cref="Journey.Choices"/> was taken.</summary>
    internal int Choice { get; init; }

    /// <param name="choice">Which one is taken where rules choose: nobody knows before the packet is sent.</param>
    /// <param name="identity">Token and first port of this packet: random when it is sent, fixed in tests.</param>
    internal static Prediction Of(LabState state, IRoutes routes, Endpoint from, Endpoint to, TraceRequest request, ulong identity, int choice = 0)
    {
        IpAddress destination = to.Address ?? throw new InvalidOperationException($"{to.Word} has no address: ask for the cause first");
        int least = Packet.LeastLength(request.Protocol, destination.IsV6);
        var packet = new Packet
        {
            Source = IpAddress.TryParse(from.Word, out IpAddress own) ? own : default,
            Destination = destination,
            Kind = request.Protocol,
            SourcePort = (ushort)(32768 + (identity >> 40) % 28000),
            DestinationPort = request.Port,
            Length = request.Size ?? (request.Protocol == TraceProtocol.Icmp ? least - Packet.TokenBytes + PingPayload : least),
            Token = identity,
        };
        var translations = new List<Translation>();
        Journey there = Walk.Run(state, routes, from.Space!, packet, translations, choice);
        if (packet.Source == default && there.Turns.Count > 0 && there.Turns[0].Decision.Source is { } chosen) packet = packet with { Source = chosen };
        Journey? back = there.Arrived is { } arrived ? Walk.Run(state, routes, arrived, there.Packet.Answer(), translations, choice) : null;
        return new Prediction(from, to, packet, there, back) { Translations = translations, Choice = choice };
    }
}
