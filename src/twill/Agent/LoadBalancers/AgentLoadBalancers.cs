using System.Threading.Channels;
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
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Underlay? _underlay;
    private readonly HashSet<IpAddress> _nowhere = [];
    private readonly HashSet<string> _ungiven = new(StringComparer.Ordinal);
    private ServiceSnapshot? _given;
    private IReadOnlyList<ClusterNode>? _nodes;

    /// <summary>Hands on what is new. One caller at a time.</summary>
    /// <param name="underlay">The interface to the other nodes, and what is on its link.</param>
    internal void Follow(ServiceSnapshot snapshot, IReadOnlyList<ClusterNode> nodes, Underlay underlay)
    {
        bool sameLink = _underlay is { } before && before.Device == underlay.Device && before.Addresses.SequenceEqual(underlay.Addresses);
        if (sameLink && ReferenceEquals(snapshot, _given) && ReferenceEquals(nodes, _nodes)) return;
        if (_underlay?.Device != underlay.Device) Start(underlay.Device);
        (_nodes, _underlay) = (nodes, underlay);
        Volatile.Write(ref _given, snapshot);
        _news.Writer.TryWrite(true);
        if (grants is null) NoteUngiven(snapshot);
        List<LoadBalancerWish> wishes = Wishes(snapshot, settings.LoadBalancerPools, underlay);
        NoteNowhere(wishes, nodes, underlay);
        _keeper!.Set(wishes, [.. nodes.Where(n => n.Name == settings.Node || n.Addresses.Any(underlay.IsNear)).Select(n => n.Name)]);
    }

    /// <summary>Gives services addresses, as long as it is this node that does, until the token ends it.</summary>
    internal async Task AssignAsync(CancellationToken token)
    {
        if (store is null || grants is null) return;
        var assigner = new LoadBalancerAssigner(settings.Node, settings.LoadBalancerPools, store, grants, hear);
        while (!token.IsCancellationRequested)
        {
            using (var look = CancellationTokenSource.CreateLinkedTokenSource(token))
            {
                // With nobody wanting an address there is nothing to look at until something is new.
                if (Volatile.Read(ref _given) is { } before && !assigner.IsIdle(before.Services)) look.CancelAfter(LoadBalancerAssigner.LookMs);
                try
                {
                    await _news.Reader.ReadAsync(look.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    // time to look, or the end
                }
            }

            if (!token.IsCancellationRequested && Volatile.Read(ref _given) is { } snapshot) await assigner.LookAsync(snapshot.Services, [.. (_nodes ?? []).Select(n => n.Name)], LoadBalancerAssigner.NowMs, token).ConfigureAwait(false);
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

    /// <summary>Said once of each address, and again when it was not so in between.</summary>
    private void NoteNowhere(List<LoadBalancerWish> wishes, IReadOnlyList<ClusterNode> nodes, Underlay underlay)
    {
        _nowhere.IntersectWith(wishes.Select(w => w.Address));
        foreach (LoadBalancerWish wish in wishes)
        {
            if (nodes.Any(n => n.Addresses.Any(a => OnLinkOf(wish.Address, a)))) _nowhere.Remove(wish.Address);
            else if (_nowhere.Add(wish.Address)) hear(new KeeperEvent(KeeperEventKind.Refused, LoadBalancerKeeper.Subject, $"{wish.Address} is in no node's network, so nobody asks for it on their links: take a pool of {string.Join(" or ", underlay.Addresses.Where(a => a.IsV6 == wish.Address.IsV6).Select(a => a.Network))}, or tell your routers where it is (twill routes --for frr|bird|ip)"));
        }

        // Not everybody says how long a node's prefix is; then it is taken for as long as ours.
        bool OnLinkOf(IpAddress address, IpPrefix node)
            => node.Length < node.Address.Bits ? node.Contains(address) : underlay.Addresses.Any(own => own.IsV6 == node.IsV6 && new IpPrefix(node.Address, own.Length).Contains(address));
    }

    /// <summary>The services' addresses that lie in a pool. A node may announce what is on its link; where external traffic stays on the node, only with endpoints.</summary>
    internal static List<LoadBalancerWish> Wishes(ServiceSnapshot snapshot, IReadOnlyList<IpPrefix> pools, Underlay underlay)
    {
        var wishes = new SortedDictionary<IpAddress, bool>();
        foreach (ServiceDescription service in snapshot.Services)
        {
            foreach (IpAddress address in service.LoadBalancerIps)
            {
                if (!pools.Any(p => p.Contains(address))) continue;
                bool may = (service.ExternalPolicy != TrafficPolicy.Local || HealthChecks.Local(service, snapshot.Node) > 0) && underlay.Addresses.Any(own => own.Contains(address));
                wishes[address] = may || wishes.GetValueOrDefault(address);
            }
        }

        return [.. wishes.Select(w => new LoadBalancerWish(w.Key, w.Value))];
    }

    /// <inheritdoc cref="LoadBalancerKeeper.View"/>
    internal IReadOnlyList<AnnouncedAddress> View => Volatile.Read(ref _keeper)?.View ?? [];

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
        { IsBackground = true }.Start();
    }
}
