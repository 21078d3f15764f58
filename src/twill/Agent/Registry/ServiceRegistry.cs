using System.Text;
using System.Text.Json;
using Twill.Agent.Services;
using Twill.Etcd;
using Twill.Fabric.Services.Model;
using Twill.Kube.Yaml;

namespace Twill.Agent.Registry;

/// <summary>Services in etcd, one key each: written by people and programs, followed by every node's agent.</summary>
internal sealed class ServiceRegistry(EtcdClient client, string root = RegistryKeys.DefaultRoot)
{
    /// <summary>Somebody else wrote the same service between our look and our word, so often in a row.</summary>
    private const int MaxRaces = 64;

    private readonly RegistryKeys _keys = new(root);

    /// <summary>Puts the service in the place of one of its name. Addresses that an agent gave to that one stay, where the new one wants any, or those.</summary>
    /// <returns>What is there now.</returns>
    /// <exception cref="EtcdException">etcd refused, or was not reached: ask again; it may have been done.</exception>
    /// <exception cref="AgentException">Others write it all the time.</exception>
    internal async Task<ServiceDescription> PutAsync(ServiceDescription service, CancellationToken cancel = default)
    {
        string key = _keys.Service(service.Namespace, service.Name);
        for (int race = 0; race < MaxRaces; race++)
        {
            EtcdResult.Range found = await client.RangeAsync(new EtcdOperation.Range(KeyRange.Of(key)), cancel).ConfigureAwait(false);
            KeyValue? there = found.Entries.Count > 0 ? found.Entries[0] : null;
            ServiceDescription next = there is null ? service : WithGiven(service, there);
            TransactionResult result = await client.CommitAsync(
                new Transaction { If = [there is null ? Compare.Absent(key) : Compare.Unchanged(key, there.ModRevision)], Success = [new EtcdOperation.Put(key, RecordOf(next))] },
                cancel).ConfigureAwait(false);
            if (result.Succeeded) return next;
        }

        throw new AgentException($"service {service} is not written: {MaxRaces} times somebody else changed it at the same moment: try again");
    }

    /// <returns>Whether it was there.</returns>
    /// <exception cref="EtcdException">As <see cref="PutAsync"/>.</exception>
    internal async Task<bool> RemoveAsync(string space, string name, CancellationToken cancel = default)
        => (await client.DeleteAsync(new EtcdOperation.Delete(KeyRange.Of(_keys.Service(space, name))), cancel).ConfigureAwait(false)).Count > 0;

    /// <summary>As it stands in etcd, and as a line of a file's list "services".</summary>
    internal static string RecordOf(ServiceDescription service)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream)) ServiceText.Write(json, service);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>All of them, in the order of their names.</summary>
    /// <exception cref="EtcdException">etcd refused, or was not reached.</exception>
    /// <exception cref="YamlException">A record cannot be read: which key, and what is wrong with it.</exception>
    internal async Task<IReadOnlyList<ServiceDescription>> ListAsync(CancellationToken cancel = default)
    {
        EtcdResult.Range found = await client.RangeAsync(new EtcdOperation.Range(KeyRange.Prefix(_keys.Services)), cancel).ConfigureAwait(false);
        return [.. found.Entries.Select(e => ServiceText.ParseValue(e.Value.Span, $"etcd key {e.KeyText}"))];
    }

    private static ServiceDescription WithGiven(ServiceDescription service, KeyValue there)
    {
        if (!service.WantsLoadBalancer) return service;
        try
        {
            ServiceDescription old = ServiceText.ParseValue(there.Value.Span, $"etcd key {there.KeyText}");
            bool keeps = old.WantsLoadBalancer && (service.RequestedLoadBalancerIps.Count == 0 || service.RequestedLoadBalancerIps.ToHashSet().SetEquals(old.LoadBalancerIps));
            return keeps ? service with { LoadBalancerIps = old.LoadBalancerIps } : service;
        }
        catch (YamlException)
        {
            // Nobody can read it: nobody has given it anything.
            return service;
        }
    }
}
