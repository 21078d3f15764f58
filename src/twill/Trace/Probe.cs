using System.Diagnostics;
using Twill.Lab;
using Twill.Lab.State;
using Twill.Linux.Netns;
using Twill.Linux.Packet;
using Twill.Linux.Sys;
using Twill.Linux.Tracepoint;

namespace Twill.Trace;

/// <summary>Sends one real packet and watches it in every namespace it may come to.</summary>
/// <remarks>Changes nothing that stays: sockets, and with rules there a table that is a socket's own.</remarks>
internal sealed class Probe : IDisposable
{
    /// <summary>How long what is predicted is waited for; on a busy machine the kernel lets packets wait.</summary>
    private const int ExpectedMs = 1000;

    /// <summary>How long after it has been seen something else is waited for, where no answer ends the waiting.</summary>
    private const int QuietMs = 40;

    /// <summary>Headers and token, with an ICMP message around.</summary>
    private const int CopiedBytes = 256;

    private readonly List<Eye> _eyes = [];
    private readonly List<RuleWatch> _rules = [];
    private readonly List<Sighting> _sightings = [];
    private readonly NetworkNamespace _home;
    private readonly NamespaceState _from;

    /// <summary>A namespace that is watched.</summary>
    private sealed record Eye(NamespaceState Space, PacketSocket Socket);

    /// <param name="watched">Where to look.</param>
    internal Probe(NamespaceState from, IEnumerable<NamespaceState> watched)
    {
        _from = from;
        _home = NetworkNamespace.OpenNamed(from.Name);
        foreach (NamespaceState space in watched)
        {
            using NetworkNamespace? network = NetworkNamespace.TryOpen(NetworkNamespace.NamedPath(space.Name), out _);
            if (network is not null) _eyes.Add(new Eye(space, PacketSocket.Open(network)));
        }
    }

    /// <summary>Namespaces where a packet between the two may come by: theirs, their nodes', the router, the internet, and those of the prediction.</summary>
    internal static List<NamespaceState> Watched(LabState state, params IReadOnlyList<Prediction> predictions)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { LabNames.Router };
        foreach (NamespaceState? space in (NamespaceState?[])[predictions[0].From.Space, predictions[0].To.Space])
        {
            if (space is null) continue;
            names.Add(space.Name);
            if (space.Node.Length > 0) names.Add(space.Node);
        }

        foreach (Prediction prediction in predictions)
        {
            foreach (Turn turn in prediction.There.Turns.Concat(prediction.Back?.Turns ?? [])) names.Add(turn.Space.Name);
            if (prediction.There.Arrived is { } arrived) names.Add(arrived.Name);
        }

        return [.. state.Namespaces.Where(n => names.Contains(n.Name))];
    }

    public void Dispose()
    {
        // Each close waits for a grace period; together they wait for one.
        IDisposable[] all = [.. _eyes.Select(e => e.Socket), .. _rules];
        if (all.Length > 0) Workers.ForEach(all, static d => d.Dispose());
        _home.Dispose();
    }

    /// <param name="withRules">Also lets the kernel tell which rules drop it.</param>
    internal ProbeResult Send(Prediction prediction, bool withRules)
    {
        Packet packet = prediction.Sent;
        _sightings.Clear();
        if (withRules) WatchRules(packet);
        using RawSocket sender = RawSocket.Open(_home, packet.IsV6, packet.Protocol, packet.Kind switch { TraceProtocol.Tcp => 16, TraceProtocol.Udp => 6, _ => -1 });
        Drain(packet); // what passed before
        _sightings.Clear();
        using DropReasons? reasons = DropReasons.TryOpen(out string? noReasons);
        Errno errno = sender.Send(packet.Destination, packet.Transport());
        List<string> dropped = reasons?.Take() ?? [];
        if (errno == Errno.None) Await(prediction);
        _sightings.Sort(static (a, b) => a.TimeNs.CompareTo(b.TimeNs));
        return new ProbeResult([.. _sightings], errno)
        {
            RuleDrops = [.. _rules.SelectMany(r => r.Drops())],
            DropReasons = dropped,
            NoDropReasons = noReasons,
        };
    }

    private void WatchRules(Packet packet)
    {
        foreach (Eye eye in _eyes)
        {
            NamespaceState space = eye.Space;
            if (space.Rules.Count == 0) continue;
            using NetworkNamespace? network = NetworkNamespace.TryOpen(NetworkNamespace.NamedPath(space.Name), out _);
            if (network is not null && RuleWatch.TryOpen(space, network, packet) is { } watch) _rules.Add(watch);
        }
    }

    private void Await(Prediction prediction)
    {
        PacketSocket[] sockets = [.. _eyes.Select(e => e.Socket)];
        HashSet<Expected> missing = [.. Points(prediction.There, SightingKind.There), .. prediction.Sent.Kind == TraceProtocol.Udp ? [] : Points(prediction.Back, SightingKind.Back)];
        long begin = Stopwatch.GetTimestamp(), last = begin;
        while (true)
        {
            if (Drain(prediction.Sent)) last = Stopwatch.GetTimestamp();
            missing.ExceptWith(_sightings.Select(s => new Expected(s.Point, s.Kind)));
            if (_sightings.Exists(s => s.Kind != SightingKind.There && s.Point.Namespace == _from.Name && !s.Point.Outgoing))
            {
                Drain(prediction.Sent); // what passed while the sockets were read one after the other
                return;
            }

            double left = ExpectedMs - Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            if (missing.Count == 0) left = Math.Min(left, QuietMs - Stopwatch.GetElapsedTime(last).TotalMilliseconds);
            if (left <= 0 || !PacketSocket.Wait(sockets, (int)Math.Ceiling(left))) return;
        }
    }

    private sealed record Expected(HopPoint Point, SightingKind Kind);

    private static IEnumerable<Expected> Points(Journey? journey, SightingKind kind)
    {
        foreach (Hop hop in journey?.Hops ?? [])
        {
            if (hop.Point is { } point) yield return new Expected(point, kind);
        }
    }

    /// <returns>Whether our packet was among what has passed.</returns>
    private bool Drain(Packet packet)
    {
        bool any = false;
        Span<byte> bytes = stackalloc byte[CopiedBytes];
        foreach ((NamespaceState space, PacketSocket socket) in _eyes)
        {
            while (socket.TryReceive(bytes, out PacketArrival arrival))
            {
                string device = space.Links.FirstOrDefault(l => l.Index == arrival.Dev.Value)?.Name ?? $"if{arrival.Dev.Value}";
                if (Recognition.Of(bytes[..Math.Min(arrival.Length, CopiedBytes)], arrival, new HopPoint(space.Name, device, arrival.Outgoing), packet) is not { } sighting) continue;
                _sightings.Add(sighting);
                any = true;
            }
        }

        return any;
    }
}
