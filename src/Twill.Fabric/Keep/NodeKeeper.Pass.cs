using System.Diagnostics;
using Twill.Fabric.Apply;
using Twill.Fabric.HostPorts;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Fabric.Keep;

/// <summary>Looking, deciding, writing.</summary>
public sealed partial class NodeKeeper
{
    private readonly NodePlanner _planner;
    private Cluster? _cluster;
    private PlanInForce? _inForce;
    private PlanStep? _step;
    private string _refusals = "";
    private bool _dirty, _bridgeDirty, _bridgeHeld, _portsDirty, _following, _clean;
    private uint _ownGeneration;
    private long _heldUntilMs = long.MaxValue;

    private void Follow(Cluster cluster)
    {
        _cluster = cluster;
        _following = true;
    }

    private void Pass()
    {
        if (_cluster is null || !(_dirty || _bridgeDirty || _portsDirty || _following || NowMs >= _heldUntilMs)) return;
        _heldUntilMs = _retryAtMs = long.MaxValue;
        if (_dirty || _following) _following = Attempt(Replan) && _following;

        // Whatever the source says: what is in force is kept.
        if (_inForce is not null) _ = Attempt(Converge);
        if (_inForce is not null && _bridgeDirty) _ = Attempt(KeepBridge);
        if (_portsDirty) _ = Attempt(SweepPorts);
        if (_retryAtMs == long.MaxValue)
        {
            _retryMs = 0;
            _failures.Clear();
        }

        _dirty = _bridgeDirty = _portsDirty = _following = false;
        _blame.Clear();
        Count(c => c with { Passes = c.Passes + 1 });
        _isInPlace = _inForce is not null && _clean && _retryAtMs == long.MaxValue;
        Volatile.Write(ref _done, _cluster);
        _settings.AfterPass?.Invoke();
    }

    private bool Attempt(Action work)
    {
        try
        {
            work();
            return true;
        }
        catch (Exception e) when (e is FabricException or LinuxException or NetlinkProtocolException)
        {
            Fail(_settings.Node, e.Message);
            return false;
        }
    }

    /// <summary>The plan again, if cluster or underlay are others than those it was made for.</summary>
    private void Replan()
    {
        ClusterNode self = Self(_cluster!.Nodes);
        Underlay? before = _inForce?.Underlay;
        Underlay underlay = before is not null && !_dirty ? before : UnderlayChoice.Choose(_host, self, _settings.Device);
        bool moved = before is null || underlay.Device != before.Device || underlay.Mtu != before.Mtu || underlay.GsoMaxSize != before.GsoMaxSize || !ClusterNode.AreSame(underlay.Addresses, before.Addresses);
        if (!moved && !_following) return;
        if (moved) Tell(KeeperEventKind.Underlay, underlay.Device, underlay.ToString());
        Recollection? memory = _inForce is null ? Recollect() : null;
        try
        {
            _step = _planner.Follow(_cluster, moved ? underlay : before!, memory?.Changed(_cluster.Nodes, _settings.Node), memory is null ? null : memory.IsProgrammed);
        }
        finally
        {
            TellRefusals(_planner.Refusals);
        }

        _following = true;
        Volatile.Write(ref _inForce, _planner.InForce);
    }

    private ClusterNode Self(IReadOnlyList<ClusterNode> nodes)
    {
        for (int i = 0; i < nodes.Count; i++)
        {
            if (nodes[i].Name == _settings.Node) return nodes[i];
        }

        throw new FabricException(FabricFault.Configuration, $"the list of nodes has no {_settings.Node}: nothing is changed until it has");
    }

    private void Converge()
    {
        NodePlan plan;
        NodeLinks links;
        NodeState state;
        if (_step is { Known: { } known } step && _clean && !_dirty && _lastLinks is { } last)
        {
            // Nothing was heard since the kernel had all that was planned: what is there needs no asking.
            plan = step.Plan;
            state = known;
            links = last;
        }
        else
        {
            plan = _inForce!.Plan();
            _clean = false;
            Count(c => c with { Looks = c.Looks + 1 });
            state = NodeReader.Read(_settings.Network, _host, _nft, plan, out links);
        }

        _step = null;
        _clean = false;
        _ear.Device = links.Device.Value;
        List<NodeStep> steps = [.. plan.Difference(state)];
        int held = _following ? 0 : steps.RemoveAll(IsHeld);
        if (steps.Count > 0) Write(plan, steps, links);
        else _lastLinks = links;
        _ear.Tunnel = (_lastLinks ?? links).Tunnel?.Value ?? 0;
        _clean = held == 0 && _retryAtMs == long.MaxValue;
        if (held > 0) Count(c => c with { Held = c.Held + held });
    }

    private NodeLinks? _lastLinks;

    private void Write(NodePlan plan, List<NodeStep> steps, NodeLinks links)
    {
        IReadOnlyList<StepFailure> failures = _writer.Write(plan, steps, links);
        _lastLinks = _writer.Links;
        _ear.OwnPort = _host.Netlink.Port;
        if (steps.Exists(s => s is NodeStep.BuildTable or NodeStep.ChangeSet or NodeStep.RemoveTable)) _ownGeneration = _nft.Generation();
        double ms = Stopwatch.GetElapsedTime(_heard).TotalMilliseconds;
        var refused = new HashSet<NodeStep>(failures.Select(f => f.Step), ReferenceEqualityComparer.Instance);
        if (_following)
        {
            Count(c => c with { Applied = c.Applied + steps.Count - refused.Count });
            _tell(new KeeperEvent(KeeperEventKind.Applied, plan.Node, $"{steps.Count - refused.Count} changes written") { Ms = ms });
        }
        else
        {
            // The look may have been faster than the notification that says who.
            HearRoutes();
            HearTables();
            foreach (NodeStep step in steps.Where(s => !refused.Contains(s)).DistinctBy(s => s.Subject)) Repaired(step, ms);
        }

        foreach (StepFailure failure in failures) Fail(failure.Step.Subject, failure.Reason.Message);
    }

    private void Repaired(NodeStep step, double ms)
    {
        string? by = _blame.For(step);
        (int seen, int pauseMs, string? lately) = _brake.Repaired(step.Subject, NowMs, by);
        Count(c => c with { Repairs = c.Repairs + 1 });
        _tell(new KeeperEvent(KeeperEventKind.Repaired, step.Subject, "put back") { By = by, Ms = ms, Seen = seen });
        if (pauseMs > 0) _tell(new KeeperEvent(KeeperEventKind.Held, step.Subject, $"the next repair waits {pauseMs} ms") { By = lately, Seen = seen });
    }

    private bool IsHeld(NodeStep step)
    {
        long now = NowMs;
        if (_brake.Allows(step.Subject, now)) return false;
        _heldUntilMs = Math.Min(_heldUntilMs, now + _brake.WaitMs(step.Subject, now));
        return true;
    }

    private void KeepBridge()
    {
        string subject = $"bridge {_bridge?.Name}";
        if (_bridge is null) return;
        if (!_brake.Allows(subject, NowMs))
        {
            _heldUntilMs = Math.Min(_heldUntilMs, NowMs + _brake.WaitMs(subject, NowMs));
            _bridgeHeld = true;
            return;
        }

        string? done = _bridge.Restore(_settings.Network, _host, index =>
        {
            HearRoutes();
            return _ear.BridgeBefore(index);
        });
        _ear.Bridge = _bridge.Index;
        _ear.OwnPort = _host.Netlink.Port;
        if (done is null) return;
        (int seen, int pauseMs, _) = _brake.Repaired(subject, NowMs, null);
        Count(c => c with { Repairs = c.Repairs + 1 });
        _tell(new KeeperEvent(KeeperEventKind.Repaired, subject, done) { Ms = Stopwatch.GetElapsedTime(_heard).TotalMilliseconds, Seen = seen });
        if (pauseMs > 0) _tell(new KeeperEvent(KeeperEventKind.Held, subject, $"the next repair waits {pauseMs} ms") { Seen = seen });
    }

    /// <summary>Ports of pods that died without DEL; calls of the plugin would find them as well, this is sooner.</summary>
    private void SweepPorts()
    {
        int gone = 0;
        NodeApply.Inside(_settings.Network, () => gone = HostPortApply.Sweep(_host));
        if (gone > 0) Tell(KeeperEventKind.Applied, "host ports", $"{gone} of pods that are gone were removed");
    }

    /// <summary>Told since the last pass without a failure: once each, however often they are tried again.</summary>
    private readonly HashSet<string> _failures = [];

    private const int MaxFailuresTold = 100;

    private void Fail(string subject, string text)
    {
        if (_retryAtMs == long.MaxValue)
        {
            _retryMs = _retryMs == 0 ? FirstRetryMs : Math.Min(_retryMs * 2, MaxRetryMs);
            _retryAtMs = NowMs + _retryMs;
        }

        Count(c => c with { Failures = c.Failures + 1 });
        if (_failures.Count < MaxFailuresTold && _failures.Add(text)) Tell(KeeperEventKind.Failed, subject, text);
    }

    private void TellRefusals(IReadOnlyList<Refusal> refusals)
    {
        string all = string.Join('\n', refusals);
        Volatile.Write(ref _refused, refusals);
        if (all == _refusals) return;
        _refusals = all;
        foreach (Refusal refusal in refusals) Tell(KeeperEventKind.Refused, refusal.Node, refusal.Text);
    }

    /// <summary>As the kernel has it when this program starts.</summary>
    private Recollection Recollect()
    {
        IfIndex? tunnel = _host.FindLink(_cluster!.Vxlan.Device)?.Index;
        return new Recollection(_host.Routes(new RouteFilter(Protocol: ClusterPlan.TwillRouteProtocol)), tunnel is { } dev ? _host.Neighbours(dev) : [], tunnel);
    }
}
