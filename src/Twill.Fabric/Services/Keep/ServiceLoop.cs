using System.Diagnostics;
using System.Text;
using Twill.Fabric.Keep;
using Twill.Fabric.Services.Apply;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;
using Twill.Linux.Netlink;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Fabric.Services.Keep;

/// <summary>Keeps one node's services: follows each snapshot, and puts the table back when others change it.</summary>
/// <remarks>
/// One thread, which calls itself <see cref="ThreadName"/>, since the kernel says of each transaction which thread made it: that is how ours are told
/// from others'. In sync it writes nothing. An audit reads the table again only if somebody's transaction came since it was read, which
/// the ruleset's generation tells for nothing.
/// </remarks>
public sealed class ServiceLoop : IDisposable
{
    /// <summary>Of the thread that calls <see cref="Run"/>; at most 15 bytes, as the kernel keeps no more.</summary>
    public const string ThreadName = "twill-services";

    private const int MaxDatagrams = 4096, FirstRetryMs = 100, MaxRetryMs = 5_000;

    /// <summary>Of all its events.</summary>
    public const string Subject = "services";

    private readonly ServiceLoopSettings _settings;
    private readonly Action<KeeperEvent> _tell;
    private readonly NftMonitor _nftMonitor;
    private readonly NetlinkMonitor _linkMonitor;
    private readonly NftSocket _nft;
    private readonly ServiceKeeper _keeper;
    private readonly WakeUp _wake = new();
    private readonly FlapBrake _brake = new();
    private readonly List<NftEvent> _events = [];
    private readonly byte[] _bridge;
    private ServiceSnapshot? _latest, _wanted;
    private KeeperCounters _counters = new();
    private uint _generation;
    private bool _dirty, _following, _touched;
    private string? _by;
    private long _heard, _retryAtMs = long.MaxValue;
    private int _retryMs;
    private bool _everInPlace;
    private volatile bool _stopped, _inPlace;

    /// <param name="settings">Which node, and how.</param>
    /// <param name="tell">Called on the loop's thread for each event; it must not block.</param>
    /// <exception cref="LinuxException">EPERM: not allowed to listen in the node's namespace.</exception>
    public ServiceLoop(ServiceLoopSettings settings, Action<KeeperEvent> tell)
    {
        _settings = settings;
        _tell = tell;
        _bridge = Encoding.UTF8.GetBytes(settings.Bridge?.Name ?? "");
        _nftMonitor = NftMonitor.OpenChanges(settings.Network);
        _linkMonitor = RouteMonitor.Open(RouteGroups.Links, settings.Network);
        _nft = NftSocket.Open(settings.Network);
        _keeper = new ServiceKeeper(settings.Bridge, settings.Network);
    }

    public KeeperCounters Counters => Volatile.Read(ref _counters);

    /// <summary>What the table holds, and why each endpoint is used; null until the first snapshot is in place. From any thread.</summary>
    public ServicePlan? Plan => _keeper.Plan;

    /// <summary>The last snapshot is in the kernel. From any thread.</summary>
    public bool IsInPlace => _inPlace;

    /// <summary>Makes this what the node does. From any thread; of several calls in a row the last one counts.</summary>
    public void Set(ServiceSnapshot snapshot)
    {
        Volatile.Write(ref _latest, snapshot);
        _wake.Call();
    }

    /// <summary>Lets <see cref="Run"/> return. From any thread. The table stays as it is.</summary>
    public void Stop()
    {
        _stopped = true;
        _wake.Call();
    }

    /// <summary>Works on the calling thread until <see cref="Stop"/>.</summary>
    public void Run()
    {
        ProcessName.SetOfThread(ThreadName);
        Span<int> descriptors = [_nftMonitor.DescriptorNumber, _linkMonitor.DescriptorNumber, _wake.DescriptorNumber];
        long auditMs = NowMs + _settings.AuditMs;
        while (!_stopped)
        {
            int timeout = _wanted is null ? _settings.AuditMs : (int)Math.Clamp(Math.Min(auditMs, Math.Min(_retryAtMs, HeldUntilMs())) - NowMs, 0, _settings.AuditMs);
            uint ready = Readiness.Wait(descriptors, timeout);
            _heard = Stopwatch.GetTimestamp();
            if ((ready & 4) != 0) _wake.Clear();
            if ((ready & 1) != 0) HearTables();
            if ((ready & 2) != 0) HearLinks();
            if (Interlocked.Exchange(ref _latest, null) is { } snapshot)
            {
                _wanted = snapshot;
                _following = _dirty = true;
            }

            if (NowMs >= auditMs)
            {
                auditMs = NowMs + _settings.AuditMs;
                Audit();
            }

            if (_wanted is { } wanted && (_dirty || NowMs >= _retryAtMs) && (_following || _brake.Allows(Subject, NowMs))) Apply(wanted);
        }
    }

    public void Dispose()
    {
        _nftMonitor.Dispose();
        _linkMonitor.Dispose();
        _nft.Dispose();
        _keeper.Dispose();
        _wake.Dispose();
    }

    private static long NowMs => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1000);

    private long HeldUntilMs() => _dirty ? NowMs + _brake.WaitMs(Subject, NowMs) : long.MaxValue;

    private void Audit()
    {
        Count(c => c with { Audits = c.Audits + 1 });
        _dirty = true;
        if (_nft.Generation() != _generation) _keeper.Doubt();
    }

    private void HearTables()
    {
        for (int i = 0; i < MaxDatagrams; i++)
        {
            _events.Clear();
            MonitorEvent heard = _nftMonitor.Wait(0, _events);
            if (heard == MonitorEvent.TimedOut) return;
            if (heard == MonitorEvent.Overrun && _nft.Generation() != _generation) Doubt(null, overrun: true); // else it was our own write that was too much to tell
            foreach (NftEvent change in _events) Hear(change);
        }
    }

    private void Hear(NftEvent change)
    {
        _touched |= change switch
        {
            NftTableEvent e => IsOurs(e.Table),
            NftChainEvent e => IsOurs(e.Chain.Table),
            NftRuleEvent e => IsOurs(e.Rule.Chain.Table),
            NftSetEvent e => IsOurs(e.Set.Table),
            NftElementEvent e => e.Family == ServiceTable.Table.Family && e.Table == ServiceTable.Table.Name,
            _ => false,
        };
        if (change is not NftGenerationEvent generation) return;
        if (_touched && generation.ThreadName != ThreadName) Doubt(generation.ThreadName, overrun: false);
        _touched = false;

        static bool IsOurs(NftTable table) => table.Name == ServiceTable.Table.Name;
    }

    private void Doubt(string? by, bool overrun)
    {
        _keeper.Doubt();
        _dirty = true;
        _by = by ?? _by;
        if (!overrun) return;
        Count(c => c with { Overruns = c.Overruns + 1 });
        _tell(new KeeperEvent(KeeperEventKind.Overrun, Subject, "the kernel dropped notifications; the table is read again"));
    }

    /// <summary>The bridge may have been made anew, or its switch been turned.</summary>
    private void HearLinks()
    {
        var reader = new RouteEventReader<Bridge>(new Bridge(_bridge));
        for (int i = 0; i < MaxDatagrams; i++)
        {
            MonitorEvent heard = _linkMonitor.Wait(0, ref reader);
            if (heard == MonitorEvent.TimedOut) break;
            if (heard == MonitorEvent.Overrun) _dirty = true;
        }

        _dirty |= reader.Events.Seen;
    }

    private void Apply(ServiceSnapshot wanted)
    {
        bool followed = _following;
        (_dirty, _following) = (false, false);
        _retryAtMs = long.MaxValue;
        int looks = _keeper.Plan is null ? 1 : 0;
        Count(c => c with { Passes = c.Passes + 1, Looks = c.Looks + looks });
        try
        {
            uint before = _nft.Generation();
            ServiceChange change = _keeper.Apply(wanted);
            uint after = _nft.Generation();
            _generation = after - before == change.Transactions ? after : before; // else somebody's came in between, which the next audit shall not overlook
            _retryMs = 0;
            bool first = !_everInPlace;
            _inPlace = _everInPlace = true;
            if (!change.IsEmpty || first) Written(change, followed);
        }
        catch (Exception e) when (e is FabricException or LinuxException)
        {
            _inPlace = false;
            _retryMs = _retryMs == 0 ? FirstRetryMs : Math.Min(_retryMs * 2, MaxRetryMs);
            _retryAtMs = NowMs + _retryMs;
            _following = followed;
            Count(c => c with { Failures = c.Failures + 1 });
            _tell(new KeeperEvent(KeeperEventKind.Failed, Subject, e.Message));
        }
    }

    private void Written(ServiceChange change, bool followed)
    {
        double ms = Stopwatch.GetElapsedTime(_heard).TotalMilliseconds;
        if (followed || change.Messages == 0)
        {
            // Also a bridge that was made anew, or has a new port: nobody took anything away.
            Count(c => c with { Applied = c.Applied + 1 });
            _tell(new KeeperEvent(KeeperEventKind.Applied, Subject, change.ToString()) { Ms = ms });
            return;
        }

        (int seen, int pauseMs, string? lately) = _brake.Repaired(Subject, NowMs, _by);
        Count(c => c with { Repairs = c.Repairs + 1 });
        _tell(new KeeperEvent(KeeperEventKind.Repaired, Subject, "put back") { By = _by, Ms = ms, Seen = seen });
        if (pauseMs > 0) _tell(new KeeperEvent(KeeperEventKind.Held, Subject, $"the next repair waits {pauseMs} ms") { By = lately, Seen = seen });
        _by = null;
    }

    private void Count(Func<KeeperCounters, KeeperCounters> change) => Volatile.Write(ref _counters, change(_counters));

    private struct Bridge(byte[] name) : IRouteEvents
    {
        internal bool Seen;

        public void OnLink(in LinkView link, bool removed) => Seen |= !removed && link.Name.SequenceEqual(name);
    }
}
