using Twill.Agent.Services;
using Twill.Fabric.Keep;
using Twill.Fabric.LoadBalancers;
using Twill.Fabric.Model;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;

namespace Twill.Agent.LoadBalancers;

/// <summary>From the services to the addresses that this node takes its part in announcing.</summary>
/// <param name="store">Where nodes agree; null: this source knows no agreement.</param>
/// <param name="grants">Where a service's addresses are written; null: people write them.</param>
/// <param name="hear">Called for each event.</param>
/// <param name="died">Called when the keeper ends by a bug.</param>
internal sealed class AgentLoadBalancers(AgentSettings settings, ILeaseStore? store, IGrantStore? grants, Action<KeeperEvent> hear, Action<Exception> died) : IDisposable
{
#pragma warning disable CA2213 // the thread that runs it disposes of it, when it has ended
    private LoadBalancerKeeper? _keeper;
#pragma warning restore CA2213
    private string? _device;
    private readonly HashSet<string> _ungiven = new(StringComparer.Ordinal);
    private ServiceSnapshot? _given;
    private IReadOnlyList<ClusterNode>? _nodes;

    /// <summary>Hands on what is new. One caller at a time.</summary>
    /// <param name="device">The interface to the other nodes.</param>
    internal void Follow(ServiceSnapshot snapshot, IReadOnlyList<ClusterNode> nodes, string device)
    {
        bool same = device == _device && ReferenceEquals(snapshot, _given) && ReferenceEquals(nodes, _nodes);
        if (same) return;
        if (device != _device) Start(device);
        (_nodes, _device) = (nodes, device);
        Volatile.Write(ref _given, snapshot);
        if (grants is null) NoteUngiven(snapshot);
        _keeper!.Set(Wishes(snapshot, settings.LoadBalancerPools), [.. nodes.Select(n => n.Name)]);
    }

    /// <summary>Gives services addresses, as long as it is this node that does, until the token ends it.</summary>
    internal async Task AssignAsync(CancellationToken token)
    {
        if (store is null || grants is null) return;
        var assigner = new LoadBalancerAssigner(settings.Node, settings.LoadBalancerPools, store, grants, hear);
        using var never = new SemaphoreSlim(0);
        try
        {
            while (true)
            {
                await never.WaitAsync(LoadBalancerAssigner.LookMs, token).ConfigureAwait(false);
                if (Volatile.Read(ref _given) is { } snapshot) await assigner.LookAsync(snapshot.Services, [.. (_nodes ?? []).Select(n => n.Name)], LoadBalancerAssigner.NowMs, token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
        }
    }

    /// <summary>Said once of each service.</summary>
    private void NoteUngiven(ServiceSnapshot snapshot)
    {
        foreach (ServiceDescription service in snapshot.Services)
        {
            if (service is { WantsLoadBalancer: true, LoadBalancerIps.Count: 0 } && _ungiven.Add(service.ToString())) hear(new KeeperEvent(KeeperEventKind.Refused, LoadBalancerKeeper.Subject, $"service {service} wants an address, and a file is written by people: give it one of {string.Join(", ", settings.LoadBalancerPools)} as loadBalancerAddresses"));
        }
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
