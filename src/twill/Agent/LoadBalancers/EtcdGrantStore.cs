using Twill.Agent.Registry;
using Twill.Agent.Services;
using Twill.Etcd;
using Twill.Fabric.LoadBalancers;
using Twill.Fabric.Services.Model;
using Twill.Kube.Yaml;
using Twill.Linux.Route;

namespace Twill.Agent.LoadBalancers;

/// <summary>A service's addresses are written into its own record, if that is still what it was.</summary>
/// <param name="client">Stays the caller's.</param>
internal sealed class EtcdGrantStore(EtcdClient client, string root = RegistryKeys.DefaultRoot) : IGrantStore
{
    private readonly RegistryKeys _keys = new(root);

    public async Task<bool> TryGrantAsync(ServiceDescription service, IReadOnlyList<IpAddress> addresses, CancellationToken cancel)
    {
        string key = _keys.Service(service.Namespace, service.Name);
        try
        {
            EtcdResult.Range found = await client.RangeAsync(new EtcdOperation.Range(KeyRange.Of(key)), cancel).ConfigureAwait(false);
            if (found.Entries is not [var entry]) return false;

            // As it is written, and not as this node placed it: endpoints without a node stay without.
            ServiceDescription there = ServiceText.ParseValue(entry.Value.Span, $"etcd key {key}");
            TransactionResult result = await client.CommitAsync(
                new Transaction { If = [Compare.Unchanged(key, entry.ModRevision)], Success = [new EtcdOperation.Put(key, ServiceRegistry.RecordOf(there with { LoadBalancerIps = addresses }))] },
                cancel).ConfigureAwait(false);
            return result.Succeeded;
        }
        catch (Exception e) when (e is EtcdException or YamlException)
        {
            throw new LeaseStoreException(e.Message, e);
        }
    }
}
