using Twill.Agent.Services;
using Twill.Fabric.Keep;
using Twill.Fabric.LoadBalancers;
using Twill.Fabric.Model;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;

namespace Twill.Agent.LoadBalancers;

/// <summary>From the services to the addresses that this node takes its part in announcing.</summary>
/// <param name="store">Where nodes agree; null: this source knows no agreement.</param>
/// <param name="hear">Called for each event.</param>
/// <param name="died">Called when the keeper ends by a bug.</param>
internal sealed class AgentLoadBalancers(AgentSettings settings, ILeaseStore? store, Action<KeeperEvent> hear, Action<Exception> died) : IDisposable
{
#pragma warning disable CA2213 // the thread that runs it disposes of it, when it has ended
    private LoadBalancerKeeper? _keeper;
#pragma warning restore CA2213
    private string? _device;
    private ServiceSnapshot? _given;
    private IReadOnlyList<ClusterNode>? _nodes;

    /// <summary>Hands on what is new. One caller at a time.</summary>
    /// <param name="device">The interface to the other nodes.</param>
    internal void Follow(ServiceSnapshot snapshot, IReadOnlyList<ClusterNode> nodes, string device)
    {
        bool same = device == _device && ReferenceEquals(snapshot, _given) && ReferenceEquals(nodes, _nodes);
        if (same) return;
        if (device != _device) Start(device);
        (_given, _nodes, _device) = (snapshot, nodes, device);
        _keeper!.Set(Wishes(snapshot, settings.LoadBalancerPools), [.. nodes.Select(n => n.Name)]);
    }

    /// <summary>The services' addresses that lie in a pool. Where external traffic stays on the node, only a node with endpoints may announce.</summary>
    internal static List<LoadBalancerWish> Wishes(ServiceSnapshot snapshot, IReadOnlyList<IpPrefix> pools)
    {
        var wishes = new SortedDictionary<IpAddress, bool>();
        foreach (ServiceDescription service in snapshot.Services)
        {
            foreach (IpAddress address in service.LoadBalancerIps)
            {
                if (!pools.Any(p => p.Contains(address))) continue;
                bool may = service.ExternalPolicy != TrafficPolicy.Local || HealthChecks.Local(service, snapshot.Node) > 0;
                wishes[address] = may || wishes.GetValueOrDefault(address);
            }
        }

        return [.. wishes.Select(w => new LoadBalancerWish(w.Key, w.Value))];
    }

    public void Dispose() => _keeper?.Stop();

    private void Start(string device)
    {
        _keeper?.Stop(); // what it had lapses
        LoadBalancerKeeper keeper = _keeper = new LoadBalancerKeeper(settings.Node, device, store, hear);
        new Thread(() =>
        {
            try
            {
                keeper.Run();
                keeper.Dispose();
            }
            catch (Exception e)
            {
                died(e);
            }
        })
        { IsBackground = true, Name = LoadBalancerKeeper.ThreadName }.Start();
    }
}
