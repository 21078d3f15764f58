using Twill.Agent.Sources;
using Twill.Fabric.Keep;
using Twill.Fabric.LoadBalancers;
using Twill.Fabric.Model;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Keep;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;

namespace Twill.Agent.Services;

/// <summary>From what the source says of services to what the loop keeps: one arrow, which needs the node's own facts as well.</summary>
/// <remarks>Until both are known nothing is written, so that an agent that starts leaves the table as the last one left it.</remarks>
/// <param name="hear">Called on the loop's thread.</param>
/// <param name="died">Called when the loop ends by a bug.</param>
internal sealed class AgentServices(AgentSettings settings, ISource<ServiceDescription> source, TimeProvider time, Action<KeeperEvent> hear, Action<Exception> died) : IDisposable
{
    private readonly ServiceLoop _loop = new(new ServiceLoopSettings { Bridge = settings.BridgeSettings }, hear);
    private readonly HealthChecks _health = new(hear);
    private readonly ServicePlacement _placement = new();
    private IReadOnlyList<ClusterNode>? _nodes;
    private IReadOnlyList<ServiceDescription>? _given;
    private ServiceNode? _node;

    internal SourceReading<ServiceDescription> Reading => source.Reading;

    internal KeeperCounters Counters => _loop.Counters;

    /// <summary>What the table holds, and why each endpoint is used; null: nothing yet.</summary>
    internal ServicePlan? Plan => _loop.Plan;

    internal bool IsInPlace => _loop.IsInPlace;

    /// <summary>The services as this node sees them; null: nothing yet. For the caller of <see cref="Follow"/>.</summary>
    internal ServiceSnapshot? Snapshot { get; private set; }

    /// <summary>Seconds since the source answers as it does.</summary>
    internal long Since(long start) => (long)time.GetElapsedTime(Reading.Since == 0 ? start : Reading.Since).TotalSeconds;

    internal Task RunAsync(Action changed, CancellationToken token)
    {
        new Thread(() =>
        {
            try
            {
                _loop.Run();
            }
            catch (Exception e)
            {
                died(e);
            }
        })
        { IsBackground = true }.Start();
        return source.RunAsync(changed, token);
    }

    /// <summary>Hands on what is new. One caller at a time.</summary>
    /// <param name="nodes">As the source tells them.</param>
    internal void Follow(IReadOnlyList<ClusterNode> nodes)
    {
        if (Reading.Items is not { } services || nodes.FirstOrDefault(n => n.Name == settings.Node) is not { } self) return;
        ServiceNode node = NodeOf(self);
        bool sameNode = _node is not null && Same(node, _node);
        if (sameNode && ReferenceEquals(nodes, _nodes) && ReferenceEquals(services, _given)) return;
        if (!sameNode) _node = node;
        (_nodes, _given) = (nodes, services);
        IReadOnlyList<ServiceDescription> placed = _placement.Of(services, nodes);
        if (sameNode && Snapshot is { } before && AreSame(before.Services, placed)) return; // a node that no service has to do with
        var snapshot = new ServiceSnapshot(_node!, placed);
        Snapshot = snapshot;
        _loop.Set(snapshot);
        _health.Set(snapshot);
    }

    public void Dispose() => _loop.Dispose();

    private ServiceNode NodeOf(ClusterNode self) => new()
    {
        Name = self.Name,
        Zone = self.Zone,
        NodePortAddresses = settings.NodePortCidrs.Count == 0 ? [.. self.Addresses.Select(a => a.Address)] : Chosen(),
        PodBlocks = self.PodBlocks,
    };

    private List<IpAddress> Chosen()
    {
        using RouteSocket socket = RouteSocket.Open();
        return [.. socket.Addresses().Where(a => a.Protocol != Announcer.Mark).Select(a => a.Address.Address).Where(a => settings.NodePortCidrs.Any(c => c.Contains(a))).Distinct().Order()];
    }

    private static bool Same(ServiceNode a, ServiceNode b) => a.Name == b.Name && a.Zone == b.Zone && a.NodePortAddresses.SequenceEqual(b.NodePortAddresses) && a.PodBlocks.SequenceEqual(b.PodBlocks);

    private static bool AreSame(IReadOnlyList<ServiceDescription> a, IReadOnlyList<ServiceDescription> b)
    {
        if (a.Count != b.Count) return false;
        for (int i = 0; i < a.Count; i++)
        {
            if (!ReferenceEquals(a[i], b[i])) return false;
        }

        return true;
    }
}
