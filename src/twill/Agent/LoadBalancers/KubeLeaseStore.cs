using Twill.Fabric.LoadBalancers;
using Twill.Kube;
using Twill.Linux.Route;

namespace Twill.Agent.LoadBalancers;

/// <summary>One Lease object for each address, in the agent's namespace: `kubectl get leases -n NAMESPACE` shows who announces what.</summary>
/// <remarks>The times in it are for people, and make each renewal another version; nobody decides by them.</remarks>
/// <param name="client">Stays the caller's.</param>
/// <param name="space">Where the role lets us write leases.</param>
internal sealed class KubeLeaseStore(KubeClient client, string space, TimeProvider time) : ILeaseStore
{
    /// <summary>The shortest that a Lease can say; ours is shorter (<see cref="LeaseTimes.TakeOverMs"/>).</summary>
    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(2);

    public async Task<LeaseRecord?> ReadAsync(IpAddress address, CancellationToken cancel)
    {
        try
        {
            return await client.GetAsync(KubeLease.Resource(space), space, NameOf(address), cancel).ConfigureAwait(false) is { } item ? RecordOf(item) : null;
        }
        catch (KubeException e)
        {
            throw new LeaseStoreException(e.Message, e);
        }
    }

    public async Task<LeaseRecord?> TryWriteAsync(IpAddress address, string holder, LeaseRecord? seen, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        var lease = new KubeLease { Namespace = space, Name = NameOf(address), Holder = holder, Duration = s_duration, RenewTime = now, AcquireTime = now };
        try
        {
            KubeItem<KubeLease>? written = seen is null
                ? await client.TryCreateAsync(lease, cancel).ConfigureAwait(false)
                : await client.TryUpdateAsync(lease, (ulong)seen.Version, cancel).ConfigureAwait(false);
            return written is { } item ? RecordOf(item) : null;
        }
        catch (KubeException e) when (e.Fault == KubeFault.NotFound)
        {
            return null; // somebody removed it: read again
        }
        catch (KubeException e)
        {
            throw new LeaseStoreException(e.Message, e);
        }
    }

    /// <summary>"twill-lb-192.168.1.200", "twill-lb-fd00--1x": a colon cannot be in a name, nor a dash at its end.</summary>
    internal static string NameOf(IpAddress address) => $"twill-lb-{(address.IsV6 ? $"{address.ToString().Replace(':', '-')}x" : address)}";

    private static LeaseRecord RecordOf(KubeItem<KubeLease> item) => new(item.Value.Holder, (long)item.Version);
}
