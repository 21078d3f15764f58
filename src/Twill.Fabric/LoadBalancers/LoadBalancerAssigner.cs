using System.Diagnostics;
using Twill.Fabric.Keep;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.LoadBalancers;

/// <summary>Gives services that want one an address of the pools. One node of those that may does it; the others wait until it is silent.</summary>
/// <remarks>
/// Who does it is agreed as for an announced address, under <see cref="Seat"/>, and only while some service wants an address. Two that
/// both believe it is theirs, for a moment, do no lasting harm: the next look finds what one of them wrote second and moves it.
/// </remarks>
/// <param name="node">This node's name.</param>
/// <param name="pools">What addresses are given from.</param>
/// <param name="leases">Where nodes agree.</param>
/// <param name="grants">Where services are written.</param>
/// <param name="tell">Called for each event, from any thread; it must not block.</param>
public sealed class LoadBalancerAssigner(string node, IReadOnlyList<IpPrefix> pools, ILeaseStore leases, IGrantStore grants, Action<KeeperEvent> tell)
{
    /// <summary>Four looks fit in <see cref="LeaseTimes.TakeOverMs"/>.</summary>
    public const int LookMs = 400;

    private readonly AddressLease _lease = new(node);
    private readonly Dictionary<string, string> _written = new(StringComparer.Ordinal), _refused = new(StringComparer.Ordinal);
    private string? _trouble;

    /// <summary>The record of who assigns stands beside those of the addresses, under one that nobody can have.</summary>
    public static IpAddress Seat { get; } = IpAddress.Parse("0.0.0.0");

    /// <summary>Nobody wants an address, and this node has not to give the seat back: a look would do nothing.</summary>
    public bool IsIdle(IReadOnlyList<ServiceDescription> services) => !_lease.IsOurs && !services.Any(IsOurs);

    /// <summary>One look; call it every <see cref="LookMs"/>. One caller at a time.</summary>
    /// <param name="nowMs">By a monotonic clock.</param>
    public async Task LookAsync(IReadOnlyList<ServiceDescription> services, IReadOnlyList<string> nodes, long nowMs, CancellationToken cancel)
    {
        if (IsIdle(services)) return;
        var wanting = services.Where(IsOurs).ToList();
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        bound.CancelAfter(LeaseTimes.CallMs);
        try
        {
            if (await HasSeatAsync(wanting.Count > 0, nodes, nowMs, bound.Token).ConfigureAwait(false)) await AssignAsync(wanting, bound.Token).ConfigureAwait(false);
            _trouble = null;
        }
        catch (Exception e) when (e is LeaseStoreException or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            _lease.Doubt();
            string why = e is OperationCanceledException ? $"no answer within {LeaseTimes.CallMs} ms" : e.Message;
            if (why != _trouble) tell(new KeeperEvent(KeeperEventKind.Failed, LoadBalancerKeeper.Subject, $"cannot give services addresses: {why}"));
            _trouble = why;
        }
    }

    /// <summary>It wants one, and nobody else has given it one that is not of our pools.</summary>
    private bool IsOurs(ServiceDescription service) => service.WantsLoadBalancer && service.LoadBalancerIps.All(a => pools.Any(p => p.Contains(a)));

    private async Task<bool> HasSeatAsync(bool mayHold, IReadOnlyList<string> nodes, long nowMs, CancellationToken cancel)
    {
        LeaseRecord? before = _lease.Record;
        LeaseMove move = _lease.Decide(nowMs, mayHold, Candidacy.RankOf(Seat, node, nodes));
        switch (move)
        {
            case LeaseMove.Wait:
                return false;
            case LeaseMove.Read:
                _lease.Observe(await leases.ReadAsync(Seat, cancel).ConfigureAwait(false), nowMs);
                return false;
            default:
                if (await leases.TryWriteAsync(Seat, move == LeaseMove.Release ? "" : node, before, cancel).ConfigureAwait(false) is not { } written)
                {
                    _lease.Doubt();
                    return false;
                }

                _lease.Observe(written, nowMs);
                return move != LeaseMove.Release;
        }
    }

    private async Task AssignAsync(List<ServiceDescription> wanting, CancellationToken cancel)
    {
        Dictionary<string, ServiceDescription> byName = wanting.ToDictionary(s => s.ToString(), StringComparer.Ordinal);
        foreach (LoadBalancerGrant grant in LoadBalancerAssignment.Of(pools, [.. wanting.Select(ClaimOf)]))
        {
            TellRefusal(grant);
            ServiceDescription service = byName[grant.Service];
            if (service.LoadBalancerIps.Order().SequenceEqual(grant.Addresses.Order()))
            {
                _written.Remove(grant.Service); // heard back
                continue;
            }

            string text = string.Join(", ", grant.Addresses);
            if (_written.GetValueOrDefault(grant.Service) == text) continue; // on its way back to us
            if (!await grants.TryGrantAsync(service, grant.Addresses, cancel).ConfigureAwait(false)) continue;
            _written[grant.Service] = text;
            tell(new KeeperEvent(KeeperEventKind.Applied, LoadBalancerKeeper.Subject, $"service {grant.Service} has {(text.Length == 0 ? "no address any more" : text)}"));
        }
    }

    private LoadBalancerClaim ClaimOf(ServiceDescription service) => new(service.ToString(), Wants(service, false), Wants(service, true), service.RequestedLoadBalancerIps, service.LoadBalancerIps);

    /// <summary>The families of its cluster addresses, as far as there is a pool of one; without any, whichever pool there is.</summary>
    private bool Wants(ServiceDescription service, bool v6) => pools.Any(p => p.IsV6 == v6) && (service.ClusterIps.Count == 0 || service.ClusterIps.Any(a => a.IsV6 == v6));

    private void TellRefusal(LoadBalancerGrant grant)
    {
        if (_refused.GetValueOrDefault(grant.Service) == grant.Refusal) return;
        if (grant.Refusal is null) _refused.Remove(grant.Service);
        else
        {
            _refused[grant.Service] = grant.Refusal;
            tell(new KeeperEvent(KeeperEventKind.Refused, LoadBalancerKeeper.Subject, $"service {grant.Service}: {grant.Refusal}"));
        }
    }

    /// <summary>Milliseconds of this machine's monotonic clock.</summary>
    public static long NowMs => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1000);
}
