using System.Diagnostics;
using Twill.Fabric.Keep;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Fabric.LoadBalancers;

/// <summary>Announces load-balancer addresses from exactly one node each: takes its part in agreeing who, and puts up what is ours.</summary>
/// <remarks>
/// One thread, which looks every <see cref="LeaseTimes.LookMs"/>. It may be killed at any moment: what it put up lapses in the kernel, and
/// another node takes over once the record has not changed for <see cref="LeaseTimes.TakeOverMs"/>. Where the source knows no agreement
/// (a file), the first node by name announces, and nobody takes over.
/// </remarks>
public sealed class LoadBalancerKeeper : IDisposable
{
    public const string ThreadName = "twill-lb";

    /// <summary>Of all its events.</summary>
    public const string Subject = "load balancer";

    /// <summary>The link is told by this many of the first times: a lost frame is no lost address.</summary>
    private const int Tellings = 3;

    private readonly string _node;
    private readonly ILeaseStore? _store;
    private readonly Action<KeeperEvent> _tell;
    private readonly Announcer _announcer;
    private readonly WakeUp _wake = new();
    private readonly Dictionary<IpAddress, Part> _parts = [];
    private readonly Lock _kernel = new();
    private Request? _latest;
    private IReadOnlyList<AnnouncedAddress> _view = [];
    private bool _away;
    private volatile bool _stopped;

    /// <param name="node">This node's name.</param>
    /// <param name="device">The interface on the link where addresses are announced.</param>
    /// <param name="store">Where nodes agree; null: nowhere.</param>
    /// <param name="tell">Called for each event, from several threads, one at a time; it must not block.</param>
    /// <param name="network">The node's namespace; null: the calling thread's.</param>
    public LoadBalancerKeeper(string node, string device, ILeaseStore? store, Action<KeeperEvent> tell, NetworkNamespace? network = null)
    {
        _node = node;
        _store = store;
        _tell = tell;
        _announcer = new Announcer(device, network);
    }

    private sealed record Request(IReadOnlyList<LoadBalancerWish> Wishes, IReadOnlyList<string> Nodes);

    /// <summary>One address: how it stands with it, and what was told of it.</summary>
    private sealed class Part(AddressLease lease)
    {
        internal AddressLease Lease { get; } = lease;

        internal bool IsWished { get; set; }

        internal bool MayHold { get; set; }

        internal int Rank { get; set; }

        internal bool IsUp { get; set; }

        internal int Told { get; set; }
    }

    /// <summary>All addresses that are wished for, in their order. From any thread.</summary>
    public IReadOnlyList<AnnouncedAddress> View => Volatile.Read(ref _view);

    /// <summary>Makes these the addresses. From any thread; of several calls in a row the last one counts.</summary>
    /// <param name="nodes">All that may take part, for the order.</param>
    public void Set(IReadOnlyList<LoadBalancerWish> wishes, IReadOnlyList<string> nodes)
    {
        Volatile.Write(ref _latest, new Request(wishes, nodes));
        _wake.Call();
    }

    /// <summary>Lets <see cref="Run"/> return. From any thread.</summary>
    public void Stop()
    {
        _stopped = true;
        _wake.Call();
    }

    /// <summary>Works on the calling thread until <see cref="Stop"/>.</summary>
    public void Run()
    {
        ProcessName.SetOfThread(ThreadName);
        Span<int> descriptors = [_wake.DescriptorNumber];
        long nextMs = NowMs;
        while (!_stopped)
        {
            uint ready = Readiness.Wait(descriptors, _parts.Count == 0 ? -1 : (int)Math.Clamp(nextMs - NowMs, 0, LeaseTimes.LookMs));
            if ((ready & 1) != 0) _wake.Clear();
            if (Interlocked.Exchange(ref _latest, null) is { } request) Adopt(request);
            if (NowMs < nextMs) continue;
            nextMs = NowMs + LeaseTimes.LookMs;
            LookAtAll();
        }
    }

    public void Dispose()
    {
        _announcer.Dispose();
        _wake.Dispose();
    }

    private static long NowMs => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1000);

    private void Adopt(Request request)
    {
        foreach (Part part in _parts.Values) part.IsWished = part.MayHold = false;
        bool first = Candidacy.IsFirstByName(_node, request.Nodes);
        foreach (LoadBalancerWish wish in request.Wishes)
        {
            if (!_parts.TryGetValue(wish.Address, out Part? part)) _parts.Add(wish.Address, part = new Part(new AddressLease(_node)));
            part.IsWished = true;
            part.MayHold = wish.MayHold && (_store is not null || first);
            part.Rank = Candidacy.RankOf(wish.Address, _node, request.Nodes);
        }
    }

    private void LookAtAll()
    {
        // The calls run beside each other; each puts its own address up as soon as its answer is there.
        Task.WhenAll(_parts.Select(p => LookAsync(p.Key, p.Value))).GetAwaiter().GetResult();
        foreach (IpAddress gone in _parts.Where(p => !p.Value.IsWished && !p.Value.IsUp && !p.Value.Lease.IsOurs).Select(p => p.Key).ToList()) _parts.Remove(gone);
        Volatile.Write(ref _view, [.. _parts.Where(p => p.Value.IsWished || p.Value.IsUp).Select(p => new AnnouncedAddress(p.Key, p.Value.IsUp ? _node : p.Value.Lease.Record is { Holder.Length: > 0 } record ? record.Holder : null, p.Value.IsUp)).OrderBy(a => a.Address)]);
    }

    private async Task LookAsync(IpAddress address, Part part)
    {
        if (_store is null)
        {
            if (part.MayHold) Hold(address, part, "the first node by name announces it: this source knows no agreement, and nobody takes over");
            else Drop(address, part, "another node announces it, or nobody");
            return;
        }

        long begunMs = NowMs;
        LeaseRecord? before = part.Lease.Record;
        LeaseMove move = part.Lease.Decide(begunMs, part.MayHold, part.Rank);
        if (move == LeaseMove.Wait) return;
        if (move == LeaseMove.Release) Drop(address, part, "given back"); // first from the link, then from the record
        using var bound = new CancellationTokenSource(LeaseTimes.CallMs);
        try
        {
            if (move == LeaseMove.Read)
            {
                part.Lease.Observe(await _store.ReadAsync(address, bound.Token).ConfigureAwait(false), NowMs);
                if (!part.Lease.IsOurs) Drop(address, part, $"{Holder(part.Lease.Record)} has it");
            }
            else if (await _store.TryWriteAsync(address, move == LeaseMove.Release ? "" : _node, before, bound.Token).ConfigureAwait(false) is { } written)
            {
                part.Lease.Observe(written, NowMs);
                if (move != LeaseMove.Release && NowMs - begunMs <= LeaseTimes.MaxRenewalMs) Hold(address, part, before is null or { Holder: "" } ? "nobody had it" : before.Holder == _node ? "it is this node's" : $"{before.Holder} was silent for {LeaseTimes.TakeOverMs} ms");
            }
            else
            {
                part.Lease.Doubt();
                Drop(address, part, "another node was quicker");
            }

            Away(null);
        }
        catch (Exception e) when (e is LeaseStoreException or OperationCanceledException)
        {
            // Whether it was written is not known. What is up lapses by itself; nothing is taken that was not read.
            part.Lease.Doubt();
            part.IsUp = false;
            part.Told = 0;
            Away(e is OperationCanceledException ? $"no answer within {LeaseTimes.CallMs} ms" : e.Message);
        }
    }

    private void Hold(IpAddress address, Part part, string why)
    {
        lock (_kernel)
        {
            try
            {
                _announcer.Hold(address, tell: part.Told < Tellings);
                if (part.Told == 0) Tell(KeeperEventKind.Applied, $"{address} announced on {_announcer.Device}: {why}");
                part.Told = Math.Min(part.Told + 1, Tellings);
                part.IsUp = true;
            }
            catch (LinuxException e)
            {
                if (part.IsUp || part.Told == 0) Tell(KeeperEventKind.Failed, e.Message);
                part.Told = 1; // said once; the link still hears of it when the interface is back
                part.IsUp = false;
            }
        }
    }

    private void Drop(IpAddress address, Part part, string why)
    {
        if (!part.IsUp) return;
        lock (_kernel)
        {
            part.IsUp = false;
            part.Told = 0;
            try
            {
                _announcer.Drop(address);
                Tell(KeeperEventKind.Applied, $"{address} no longer announced: {why}");
            }
            catch (LinuxException e)
            {
                Tell(KeeperEventKind.Failed, e.Message);
            }
        }
    }

    /// <summary>Once for each time that the place where nodes agree goes away or comes back.</summary>
    private void Away(string? why)
    {
        lock (_kernel)
        {
            if (_away == why is not null) return;
            _away = why is not null;
            Tell(_away ? KeeperEventKind.Failed : KeeperEventKind.Applied, _away ? $"cannot agree with other nodes who announces which address ({why}); what this node announced lapses" : "nodes can agree again who announces which address");
        }
    }

    private static string Holder(LeaseRecord? record) => record is null or { Holder: "" } ? "nobody" : record.Holder;

    private void Tell(KeeperEventKind kind, string text) => _tell(new KeeperEvent(kind, Subject, text));
}
