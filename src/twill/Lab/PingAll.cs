using System.Buffers.Binary;
using System.Diagnostics;
using Twill.Linux.Icmp;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Twill.Topo;

namespace Twill.Lab;

/// <summary>Everybody pings everybody, and both sides are watched.</summary>
/// <remarks>
/// One raw socket in each namespace, one thread, one poll loop. The first round finds out who can be reached, and wakes neighbour
/// tables; the second, one way after the other, measures. What identifies a request is its payload: masquerading rewrites the id.
/// </remarks>
internal sealed class PingAll : IDisposable
{
    /// <summary>With more endpoints a matrix says nothing to a reader; an even sample of them takes part.</summary>
    internal const int MaxEndpoints = 40;

    private const int SampledPods = 30, SampledNodes = 10;

    /// <summary>Rounds in which what has no answer yet is sent again, and how long each may take. A neighbour that does not exist fails after 3 s.</summary>
    private const int MaxAttempts = 3, AttemptMs = 1000;

    /// <summary>Requests sent before arrivals are read.</summary>
    private const int Burst = 64;

    /// <summary>One measurement, and all of them.</summary>
    private const int MeasureMs = 200, MeasureAllMs = 5000;

    private const uint Magic = 0x7477696c; // "twil"
    private const int PayloadBytes = 24;

    private readonly List<PingEndpoint> _endpoints = [];
    private readonly List<EchoSocket> _sockets = [];
    private readonly List<Way> _ways = [];
    private readonly ulong _run = (ulong)Stopwatch.GetTimestamp() ^ ((ulong)Environment.ProcessId << 48);

    /// <summary>Another one in each run: the kernel's connection tracking decides on translation once for an id, and remembers it for 30 s.</summary>
    private readonly int _firstId = Random.Shared.Next(ushort.MaxValue);
    private readonly byte[] _payload = new byte[EchoSocket.MaxPayload];

    /// <summary>A direction between two endpoints, by their places in the list.</summary>
    private sealed class Way(int from, int to)
    {
        internal int From => from;

        internal int To => to;

        internal IpAddress ShouldBe;
        internal IpAddress? SeenAs;
        internal long SentAt;
        internal long Ticks = -1;
        internal bool Answered;
        internal string? Error;
    }

    private PingAll()
    {
    }

    public void Dispose()
    {
        foreach (EchoSocket socket in _sockets) socket.Dispose();
    }

    internal static PingReport Run(Topology network, bool v6)
    {
        List<PingEndpoint> allPods = [], allNodes = [];
        foreach (TopologyNode node in network.Nodes)
        {
            if (AddressOf(node.Addresses, v6) is { } address) allNodes.Add(new PingEndpoint(node.Name, LabKind.Node, address));
            foreach (TopologyPod pod in node.Pods) allPods.Add(new PingEndpoint(pod.Name, LabKind.Pod, AddressOf(pod.Addresses, v6) ?? default, node.Name));
        }

        if (allNodes.Count == 0 && allPods.TrueForAll(p => p.Address == default)) return new PingReport([], [], null, [], allPods.Count, 0, v6);
        bool sample = allPods.Count + allNodes.Count > MaxEndpoints;
        List<PingEndpoint> pods = sample ? Sample(allPods, SampledPods) : allPods, nodes = sample ? Sample(allNodes, SampledNodes) : allNodes;
        PingEndpoint? internet = network.Internet is { } i && AddressOf(i.Addresses, v6) is { } there ? new PingEndpoint(i.Name, LabKind.Internet, there) : null;
        using var all = new PingAll();
        all.Open(pods, nodes, internet, v6);
        all.AddWays(pods.Count, nodes.Count, internet is not null, allNodes);
        all.Reach();
        all.Measure();
        return new PingReport(pods, nodes, internet, [.. all._ways.Select(all.ToResult)], allPods.Count, allNodes.Count, v6);
    }

    /// <summary>An even choice, the same every time.</summary>
    internal static List<T> Sample<T>(List<T> all, int count)
    {
        if (all.Count <= count) return all;
        var chosen = new List<T>(count);
        for (int i = 0; i < count; i++) chosen.Add(all[(int)((long)i * all.Count / count)]);
        return chosen;
    }

    private static IpAddress? AddressOf(IReadOnlyList<IpPrefix> addresses, bool v6)
    {
        foreach (IpPrefix prefix in addresses)
        {
            if (prefix.IsV6 == v6) return prefix.Address;
        }

        return null;
    }

    private void Open(List<PingEndpoint> pods, List<PingEndpoint> nodes, PingEndpoint? internet, bool v6)
    {
        foreach (PingEndpoint endpoint in internet is null ? [.. pods, .. nodes] : (PingEndpoint[])[.. pods, .. nodes, internet])
        {
            using NetworkNamespace network = NetworkNamespace.OpenNamed(endpoint.Name);
            _sockets.Add(EchoSocket.Open(network, v6));
            _endpoints.Add(endpoint);
        }
    }

    /// <summary>Pods to pods, nodes to pods, pods to the internet.</summary>
    private void AddWays(int pods, int nodes, bool internet, List<PingEndpoint> allNodes)
    {
        for (int from = 0; from < pods + nodes; from++)
        {
            for (int to = 0; to < pods; to++)
            {
                if (from != to) _ways.Add(new Way(from, to) { ShouldBe = _endpoints[from].Address });
            }
        }

        for (int node = pods; node < pods + nodes; node++)
        {
            // A node has several addresses: which one it chooses is its routing table's business, that nobody changes it under way is ours.
            using NetworkNamespace network = NetworkNamespace.OpenNamed(_endpoints[node].Name);
            using RouteSocket socket = RouteSocket.Open(network);
            foreach (Way way in _ways.Where(w => w.From == node))
            {
                if (socket.Lookup(new RouteLookup { Destination = _endpoints[way.To].Address }, out Route? route).Ok && route?.PreferredSource is { } source) way.ShouldBe = source;
            }
        }

        if (!internet) return;
        for (int pod = 0; pod < pods; pod++)
        {
            PingEndpoint? node = allNodes.Find(n => n.Name == _endpoints[pod].Node);
            _ways.Add(new Way(pod, _endpoints.Count - 1) { ShouldBe = node?.Address ?? default });
        }
    }

    private PingResult ToResult(Way way) => new(
        _endpoints[way.From], _endpoints[way.To], way.Answered ? Math.Round(way.Ticks * 1000.0 / Stopwatch.Frequency, 3) : null, way.SeenAs, way.ShouldBe, way.Error);

    /// <summary>Who answers at all.</summary>
    private void Reach()
    {
        for (int attempt = 0; attempt < MaxAttempts && _ways.Exists(w => !w.Answered); attempt++)
        {
            int burst = 0;
            for (int i = 0; i < _ways.Count; i++)
            {
                if (_ways[i].Answered) continue;
                Send(i);
                if (++burst % Burst == 0) DrainAll();
            }

            bool[] ready = new bool[_sockets.Count];
            for (long end = Stopwatch.GetTimestamp() + (AttemptMs * Stopwatch.Frequency / 1000); ;)
            {
                DrainAll();
                int left = (int)((end - Stopwatch.GetTimestamp()) * 1000 / Stopwatch.Frequency);
                if (left <= 0 || !_ways.Exists(w => !w.Answered && w.Error is null) || EchoSocket.Wait(_sockets, ready, left) == 0) break;
            }
        }
    }

    /// <summary>One after the other, so that nobody's round trip holds another's waiting.</summary>
    private void Measure()
    {
        long end = Stopwatch.GetTimestamp() + (MeasureAllMs * Stopwatch.Frequency / 1000);
        bool[] ready = new bool[1];
        for (int i = 0; i < _ways.Count && Stopwatch.GetTimestamp() < end; i++)
        {
            Way way = _ways[i];
            if (!way.Answered) continue;
            long warm = way.Ticks;
            way.Ticks = -1;
            Send(i);
            EchoSocket[] socket = [_sockets[way.From]];
            Drain(way.From);
            while (way.Ticks < 0 && EchoSocket.Wait(socket, ready, MeasureMs) > 0) Drain(way.From);
            if (way.Ticks < 0) way.Ticks = warm;
            Drain(way.To);
        }

        DrainAll();
    }

    private void Send(int index)
    {
        Way way = _ways[index];
        if (_endpoints[way.To].Address == default)
        {
            way.Error = $"{_endpoints[way.To].Name} has no such address";
            return;
        }

        Span<byte> payload = stackalloc byte[PayloadBytes];
        payload.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(payload, Magic);
        BinaryPrimitives.WriteUInt64BigEndian(payload[4..], _run);
        BinaryPrimitives.WriteInt32BigEndian(payload[12..], index);
        way.SentAt = Stopwatch.GetTimestamp();
        Errno errno = _sockets[way.From].Send(_endpoints[way.To].Address, (ushort)(_firstId + way.From), (ushort)(way.To + 1), payload);
        way.Error = errno == Errno.None ? null : $"{errno.Name} {errno.Text}";
    }

    private void DrainAll()
    {
        for (int i = 0; i < _sockets.Count; i++) Drain(i);
    }

    private void Drain(int endpoint)
    {
        while (_sockets[endpoint].TryReceive(_payload, out EchoArrival arrival))
        {
            long now = Stopwatch.GetTimestamp();
            if (arrival.PayloadLength < PayloadBytes || BinaryPrimitives.ReadUInt32BigEndian(_payload) != Magic || BinaryPrimitives.ReadUInt64BigEndian(_payload.AsSpan(4)) != _run) continue;
            int index = BinaryPrimitives.ReadInt32BigEndian(_payload.AsSpan(12));
            if ((uint)index >= (uint)_ways.Count) continue;
            Way way = _ways[index];
            if (arrival.IsRequest && endpoint == way.To)
            {
                way.SeenAs = arrival.Source;
            }
            else if (!arrival.IsRequest && endpoint == way.From)
            {
                way.Answered = true;
                if (way.Ticks < 0) way.Ticks = now - way.SentAt;
            }
        }
    }
}
