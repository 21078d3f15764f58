using System.Diagnostics;
using Twill.Fabric.Apply;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netlink;
using Twill.Linux.Nft;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Fabric.Keep;

/// <summary>Keeps one node's network as its cluster says: follows each change of the cluster, and puts back what others change.</summary>
/// <remarks>
/// One thread, which waits for notifications, a new cluster, or the next audit; everything it knows can be read again, so that killing
/// it at any moment harms nothing. Subscribe, then dump, then apply, and again after every overrun (DESIGN I6). In sync it writes nothing.
/// What a plan has is found missing by six dumps; pods do not make them longer.
/// </remarks>
public sealed partial class NodeKeeper : IDisposable
{
    /// <summary>Datagrams taken from one monitor before the node is looked at: a storm must not put the repair off for ever.</summary>
    private const int MaxDatagrams = 4096;

    /// <summary>After a refusal: again, with a pause that doubles between these two.</summary>
    private const int FirstRetryMs = 100, MaxRetryMs = 5_000;

    private readonly KeeperSettings _settings;
    private readonly Action<KeeperEvent> _tell;
    private readonly NetlinkMonitor _routeMonitor;
    private readonly NftMonitor _nftMonitor;
    private readonly RouteSocket _host;
    private readonly NftSocket _nft;
    private readonly NodeWriter _writer;
    private readonly WakeUp _wake = new();
    private readonly Blame _blame = new();
    private readonly KeeperEar _ear;
    private readonly FlapBrake _brake = new();
    private readonly BridgeMemory? _bridge;
    private readonly List<NftEvent> _nftEvents = [];
    private Cluster? _latest;
    private KeeperCounters _counters = new();
    private volatile bool _stopped;
    private long _heard, _nextAuditMs;
    private int _retryMs;
    private long _retryAtMs = long.MaxValue;

    /// <param name="settings">Which node, and how.</param>
    /// <param name="tell">Called on the keeper's thread for each event; it must not block.</param>
    /// <exception cref="LinuxException">EPERM: not allowed to listen in the node's namespace.</exception>
    public NodeKeeper(KeeperSettings settings, Action<KeeperEvent> tell)
    {
        _settings = settings;
        _tell = tell;
        _routeMonitor = RouteMonitor.Open(RouteGroups.Links | RouteGroups.Addresses | RouteGroups.Routes | RouteGroups.Neighbours | RouteGroups.Settings, settings.Network, settings.ReceiveBufferBytes);
        _nftMonitor = NftMonitor.OpenChanges(settings.Network);
        _host = RouteSocket.Open(settings.Network);
        _nft = NftSocket.Open(settings.Network);
        _writer = new NodeWriter(settings.Network, _host, _nft);
        _planner = new NodePlanner(settings.Node);
        _ear = new KeeperEar(_blame, _planner);
        if (settings.Pods is null) return;
        _bridge = new BridgeMemory(settings.Pods);
        _ear.Follow(settings.Pods);
    }

    /// <summary>As of the last pass.</summary>
    public KeeperCounters Counters => Volatile.Read(ref _counters);

    /// <summary>The plan in force; null until a cluster with this node was set. Computed for whoever asks; 3 MB for 5,000 nodes.</summary>
    public NodePlan? Plan => Volatile.Read(ref _inForce)?.Plan();

    /// <summary>The plan without any other node, which is always there: names, MTU.</summary>
    public NodePlan? Frame => Volatile.Read(ref _inForce)?.Frame;

    /// <summary>Another object whenever the plan is another.</summary>
    public object? PlanMark => Volatile.Read(ref _inForce);

    /// <summary>How many elements each set of the node's table is to have.</summary>
    public IReadOnlyList<(string Set, int Elements)> SetSizes => Volatile.Read(ref _inForce)?.SetSizes ?? [];

    /// <summary>Makes this the cluster to follow. From any thread; of several calls in a row the last one counts.</summary>
    public void Set(Cluster cluster)
    {
        Volatile.Write(ref _asked, cluster);
        Volatile.Write(ref _latest, cluster);
        _wake.Call();
    }

    /// <summary>Lets <see cref="Run"/> return. From any thread. The network stays as it is.</summary>
    public void Stop()
    {
        _stopped = true;
        _wake.Call();
    }

    /// <summary>Works on the calling thread until <see cref="Stop"/>.</summary>
    public void Run()
    {
        Span<int> descriptors = [_routeMonitor.DescriptorNumber, _nftMonitor.DescriptorNumber, _wake.DescriptorNumber];
        _nextAuditMs = NowMs + _settings.AuditMs;
        _dirty = _bridgeDirty = _portsDirty = true;
        while (!_stopped)
        {
            uint ready = Readiness.Wait(descriptors, TimeoutMs());
            _heard = Stopwatch.GetTimestamp();
            if ((ready & 4) != 0) _wake.Clear();
            if ((ready & 1) != 0) HearRoutes();
            if ((ready & 2) != 0) HearTables();
            if (Interlocked.Exchange(ref _latest, null) is { } cluster) Follow(cluster);
            bool audit = NowMs >= _nextAuditMs;
            if (audit)
            {
                _nextAuditMs = NowMs + _settings.AuditMs;
                Count(c => c with { Audits = c.Audits + 1 });
            }

            _portsDirty |= _ear.PortsChanged || _ear.BridgeChanged || audit;
            _dirty |= _ear.Changed || audit || NowMs >= _retryAtMs;
            _bridgeDirty |= _ear.BridgeChanged || audit || _bridgeHeld;
            _bridgeHeld = false;
            _ear.Changed = _ear.BridgeChanged = _ear.PortsChanged = false;
            Pass();
            Interlocked.Increment(ref _rounds);
        }
    }

    public void Dispose()
    {
        _routeMonitor.Dispose();
        _nftMonitor.Dispose();
        _host.Dispose();
        _nft.Dispose();
        _wake.Dispose();
    }

    private static long NowMs => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1000);

    private int TimeoutMs()
    {
        if (_cluster is null) return _settings.AuditMs;

        // Heard while we were writing: it is taken from the monitor, which will not wake us for it again.
        if (_ear.Changed || _ear.BridgeChanged || _ear.PortsChanged) return 0;
        long next = Math.Min(_nextAuditMs, Math.Min(_retryAtMs, _heldUntilMs));
        return (int)Math.Clamp(next - NowMs, 0, _settings.AuditMs);
    }

    private void HearRoutes()
    {
        KeeperEar.Reader reader = _ear.NewReader();
        for (int i = 0; i < MaxDatagrams; i++)
        {
            MonitorEvent heard = _routeMonitor.Wait(0, ref reader);
            if (heard == MonitorEvent.TimedOut) return;
            if (heard == MonitorEvent.Overrun) Overrun("rtnetlink");
        }
    }

    private void HearTables()
    {
        for (int i = 0; i < MaxDatagrams; i++)
        {
            _nftEvents.Clear();
            MonitorEvent heard = _nftMonitor.Wait(0, _nftEvents);
            if (heard == MonitorEvent.TimedOut) return;
            if (heard == MonitorEvent.Overrun) Overrun("nftables");
            foreach (NftEvent change in _nftEvents) HearTable(change);
        }
    }

    private bool _tableTouched;

    /// <summary>A transaction's events end with the one that says who.</summary>
    private void HearTable(NftEvent change)
    {
        _tableTouched |= change switch
        {
            NftTableEvent t => IsOurs(t.Table),
            NftChainEvent c => IsOurs(c.Chain.Table),
            NftRuleEvent r => IsOurs(r.Rule.Chain.Table),
            NftSetEvent s => IsOurs(s.Set.Table),
            NftElementEvent e => e.Table == NodeTable.Table.Name,
            _ => false,
        };
        if (change is not NftGenerationEvent generation || !_tableTouched) return;
        _tableTouched = false;
        if (generation.Generation == _ownGeneration) return;
        _blame.NoteTable(generation.ThreadName);
        _ear.Changed = true;

        static bool IsOurs(NftTable table) => table.Name == NodeTable.Table.Name;
    }

    private void Overrun(string what)
    {
        _ear.Changed = _ear.BridgeChanged = _ear.PortsChanged = true;
        Count(c => c with { Overruns = c.Overruns + 1 });
        Tell(KeeperEventKind.Overrun, what, "the kernel dropped notifications; everything is looked at again");
    }

    private void Count(Func<KeeperCounters, KeeperCounters> change) => Volatile.Write(ref _counters, change(_counters) with
    {
        Writes = _host.Netlink.Changes + _nft.Changes,
        Interrupted = _host.Netlink.Interruptions + _nft.Interruptions,
        TableWrites = _writer.TableWrites,
        TableSeconds = _writer.TableSeconds,
    });

    private void Tell(KeeperEventKind kind, string subject, string text) => _tell(new KeeperEvent(kind, subject, text));
}
