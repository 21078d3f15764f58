using System.Text;
using Twill.Agent.Registry;
using Twill.Etcd;
using Twill.Fabric.LoadBalancers;
using Twill.Linux.Route;

namespace Twill.Agent.LoadBalancers;

/// <summary>One key for each address, its value the holder's name, its version etcd's revision of it.</summary>
/// <remarks>No lease of etcd's: those live two seconds at least, and end when etcd's leader says so. Here the other nodes count by their own clocks.</remarks>
/// <param name="client">Stays the caller's.</param>
internal sealed class EtcdLeaseStore(EtcdClient client, string root = RegistryKeys.DefaultRoot) : ILeaseStore
{
    private readonly RegistryKeys _keys = new(root);

    public async Task<LeaseRecord?> ReadAsync(IpAddress address, CancellationToken cancel)
    {
        try
        {
            EtcdResult.Range found = await client.RangeAsync(new EtcdOperation.Range(KeyRange.Of(_keys.LoadBalancer(address))), cancel).ConfigureAwait(false);
            return found.Entries.Count == 0 ? null : new LeaseRecord(Encoding.UTF8.GetString(found.Entries[0].Value.Span), found.Entries[0].ModRevision);
        }
        catch (EtcdException e)
        {
            throw new LeaseStoreException(e.Message, e);
        }
    }

    public async Task<LeaseRecord?> TryWriteAsync(IpAddress address, string holder, LeaseRecord? seen, CancellationToken cancel)
    {
        string key = _keys.LoadBalancer(address);
        try
        {
            TransactionResult result = await client.CommitAsync(
                new Transaction { If = [seen is null ? Compare.Absent(key) : Compare.Unchanged(key, seen.Version)], Success = [new EtcdOperation.Put(key, holder)] },
                cancel).ConfigureAwait(false);
            return result.Succeeded ? new LeaseRecord(holder, result.Header.Revision) : null;
        }
        catch (EtcdException e)
        {
            throw new LeaseStoreException(e.Message, e);
        }
    }
}
