using System.Text;
using System.Text.Json;
using Twill.Agent.Services;
using Twill.Etcd;
using Twill.Fabric.Services.Model;

namespace Twill.Agent.Registry;

/// <summary>Services in etcd, one key each: written by people and programs, followed by every node's agent.</summary>
internal sealed class ServiceRegistry(EtcdClient client, string root = RegistryKeys.DefaultRoot)
{
    private readonly RegistryKeys _keys = new(root);

    /// <summary>Puts the service in the place of one of its name.</summary>
    /// <exception cref="EtcdException">etcd refused, or was not reached: ask again; it may have been done.</exception>
    internal Task PutAsync(ServiceDescription service, CancellationToken cancel = default)
        => client.PutAsync(new EtcdOperation.Put(_keys.Service(service.Namespace, service.Name), RecordOf(service)), cancel);

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
    /// <exception cref="Kube.Yaml.YamlException">A record cannot be read: which key, and what is wrong with it.</exception>
    internal async Task<IReadOnlyList<ServiceDescription>> ListAsync(CancellationToken cancel = default)
    {
        EtcdResult.Range found = await client.RangeAsync(new EtcdOperation.Range(KeyRange.Prefix(_keys.Services)), cancel).ConfigureAwait(false);
        return [.. found.Entries.Select(e => ServiceText.ParseValue(e.Value.Span, $"etcd key {e.KeyText}"))];
    }
}
