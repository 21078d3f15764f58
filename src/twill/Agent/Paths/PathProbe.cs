using System.Buffers.Binary;
using System.Diagnostics;
using Twill.Linux.Icmp;
using Twill.Linux.Netns;
using Twill.Linux.Sys;

namespace Twill.Agent.Paths;

/// <summary>Asks the other nodes by echo requests, now and then, whether the way to them works. It decides nothing: what it finds are metrics.</summary>
/// <remarks>
/// In a cluster of 5,000 one round is 64 nodes in 10 s, so that a node sends and answers six requests a second; all are asked within 14
/// minutes. On a thread of its own, which sleeps in poll(2). What identifies a request is its payload, not an id that others may have.
/// </remarks>
internal sealed class PathProbe : IDisposable
{
    /// <summary>Milliseconds between two rounds, and the most that one asks.</summary>
    internal const int EveryMs = 10_000, MaxEachRound = 64;

    /// <summary>Requests until a node counts as not answering, and how long each waits. The first may be lost to neighbour resolution.</summary>
    private const int MaxAttempts = 2, AttemptMs = 1000;

    private const int PayloadBytes = 16;

    private readonly EchoSocket[] _sockets;
    private readonly WakeUp _wake = new();
    private readonly ulong _run = (ulong)Stopwatch.GetTimestamp() ^ ((ulong)Environment.ProcessId << 48);
    private readonly byte[] _payload = new byte[EchoSocket.MaxPayload];
    private readonly Dictionary<string, PathReading> _known = new(StringComparer.Ordinal);
    private IReadOnlyList<PathReading> _readings = [];
    private string _last = "";

    /// <exception cref="LinuxException">EPERM: raw sockets need CAP_NET_RAW.</exception>
    internal PathProbe(NetworkNamespace network) => _sockets = [EchoSocket.Open(network, v6: false), EchoSocket.Open(network, v6: true)];

    /// <summary>Of the nodes asked so far that are still there, by name. From any thread.</summary>
    internal IReadOnlyList<PathReading> Readings => Volatile.Read(ref _readings);

    /// <summary>Rounds until the process ends; on a thread of its own.</summary>
    /// <param name="targets">Asked before each round.</param>
    internal void Run(Func<IReadOnlyList<PathTarget>> targets)
    {
        while (true)
        {
            Round(targets());
            if (Readiness.Wait([_wake.DescriptorNumber], EveryMs) != 0) _wake.Clear();
        }
    }

    /// <summary>Asks those whose turn it is.</summary>
    /// <param name="targets">In the order of their names.</param>
    internal void Round(IReadOnlyList<PathTarget> targets)
    {
        List<PathTarget> turn = Turn(targets, _last);
        if (turn.Count > 0) _last = turn[^1].Node;
        var sent = new long[turn.Count];
        var seconds = new double?[turn.Count];
        for (int attempt = 0; attempt < MaxAttempts && seconds.Contains(null); attempt++)
        {
            for (int i = 0; i < turn.Count; i++)
            {
                if (seconds[i] is null) Send(turn[i], attempt, i, sent);
            }

            Collect(attempt, sent, seconds);
        }

        var there = targets.Select(t => t.Node).ToHashSet(StringComparer.Ordinal);
        foreach (string gone in _known.Keys.Where(n => !there.Contains(n)).ToList()) _known.Remove(gone);
        for (int i = 0; i < turn.Count; i++) _known[turn[i].Node] = new PathReading(turn[i].Node, seconds[i]);
        Volatile.Write(ref _readings, [.. _known.Values.OrderBy(r => r.Node, StringComparer.Ordinal)]);
    }

    /// <summary>The next after the one asked last, round and round.</summary>
    internal static List<PathTarget> Turn(IReadOnlyList<PathTarget> targets, string last)
    {
        int first = 0;
        while (first < targets.Count && string.CompareOrdinal(targets[first].Node, last) <= 0) first++;
        var turn = new List<PathTarget>();
        for (int i = 0; i < Math.Min(targets.Count, MaxEachRound); i++) turn.Add(targets[(first + i) % targets.Count]);
        return turn;
    }

    /// <summary>Begins the next round now. From any thread.</summary>
    internal void Nudge() => _wake.Call();

    public void Dispose()
    {
        foreach (EchoSocket socket in _sockets) socket.Dispose();
        _wake.Dispose();
    }

    private void Send(PathTarget target, int attempt, int place, long[] sent)
    {
        Span<byte> payload = _payload.AsSpan(0, PayloadBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(payload, _run);
        BinaryPrimitives.WriteInt32LittleEndian(payload[8..], attempt);
        BinaryPrimitives.WriteInt32LittleEndian(payload[12..], place);
        sent[place] = Stopwatch.GetTimestamp();

        // What cannot be sent is not answered either, and that is what is told.
        _ = _sockets[target.Address.IsV6 ? 1 : 0].Send(target.Address, (ushort)_run, (ushort)place, payload);
    }

    private void Collect(int attempt, long[] sent, double?[] seconds)
    {
        Span<int> descriptors = [_sockets[0].DescriptorNumber, _sockets[1].DescriptorNumber];
        long start = Stopwatch.GetTimestamp();
        while (seconds.Contains(null))
        {
            int left = AttemptMs - (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (left <= 0) return;
            _ = Readiness.Wait(descriptors, left);
            foreach (EchoSocket socket in _sockets)
            {
                // Bounded by the receive buffer: nobody else fills it but who pings this node.
                while (socket.TryReceive(_payload, out EchoArrival arrival))
                {
                    if (arrival.IsRequest || arrival.PayloadLength != PayloadBytes || BinaryPrimitives.ReadUInt64LittleEndian(_payload) != _run || BinaryPrimitives.ReadInt32LittleEndian(_payload.AsSpan(8)) != attempt) continue;
                    int place = BinaryPrimitives.ReadInt32LittleEndian(_payload.AsSpan(12));
                    if (place >= 0 && place < sent.Length) seconds[place] ??= Stopwatch.GetElapsedTime(sent[place]).TotalSeconds;
                }
            }
        }
    }
}
