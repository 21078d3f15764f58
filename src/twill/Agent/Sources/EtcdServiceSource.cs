using System.Globalization;
using Twill.Agent.Registry;
using Twill.Agent.Services;
using Twill.Etcd;
using Twill.Etcd.Watch;
using Twill.Fabric.Services.Model;
using Twill.Kube.Yaml;

namespace Twill.Agent.Sources;

/// <summary>The services under our root in etcd, one key each. Away from etcd the last reading stays; a record that cannot be read leaves its service as it was.</summary>
/// <param name="client">Stays the caller's.</param>
internal sealed class EtcdServiceSource(EtcdClient client, string root = RegistryKeys.DefaultRoot) : ISource<ServiceDescription>
{
    private readonly RegistryKeys _keys = new(root);
    private readonly SortedDictionary<string, ServiceDescription> _services = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _problems = new(StringComparer.Ordinal);

    private volatile SourceReading<ServiceDescription> _reading = SourceReading<ServiceDescription>.Nothing;

    public string Description => $"etcd {string.Join(',', client.Options.Endpoints.Select(e => e.Authority))}";

    public SourceReading<ServiceDescription> Reading => _reading;

    public async Task RunAsync(Action changed, CancellationToken token)
    {
        await using var mirror = new PrefixMirror(client, _keys.Services);
        try
        {
            while (true)
            {
                MirrorStep step = await mirror.NextAsync(token).ConfigureAwait(false);
                SourceReading<ServiceDescription> old = _reading;
                _reading = step switch
                {
                    MirrorStep.Away away => old with { Problem = away.Why.Message, Since = client.Options.Time.GetTimestamp() },
                    MirrorStep.Back => old with { Problem = Unreadable, Since = client.Options.Time.GetTimestamp() },
                    MirrorStep.Snapshot snapshot => Take(old, snapshot.Revision, snapshot.Entries, []),
                    MirrorStep.Changes changes => Take(old, changes.Revision, changes.Changed, changes.Gone),
                    _ => throw new InvalidOperationException($"{step} is no step"),
                };
                changed();
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
        }
    }

    private string? Unreadable => _problems.Count == 0 ? null : string.Join("; ", _problems.Values);

    private SourceReading<ServiceDescription> Take(SourceReading<ServiceDescription> old, long revision, IReadOnlyList<KeyValue> entries, IReadOnlyList<string> gone)
    {
        foreach (KeyValue entry in entries)
        {
            try
            {
                ServiceDescription service = ServiceText.ParseValue(entry.Value.Span, $"etcd key {entry.KeyText}");
                if (_keys.Service(service.Namespace, service.Name) != entry.KeyText) throw new FormatException($"etcd key {entry.KeyText}: the record inside is of service {service}");
                _services[entry.KeyText] = service;
                _problems.Remove(entry.KeyText);
            }
            catch (Exception e) when (e is YamlException or FormatException)
            {
                _problems[entry.KeyText] = e.Message;
            }
        }

        foreach (string key in gone)
        {
            _services.Remove(key);
            _problems.Remove(key);
        }

        bool same = old.Items is not null && (old.Problem is null) == (Unreadable is null);
        return new SourceReading<ServiceDescription>([.. _services.Values], revision.ToString(CultureInfo.InvariantCulture), Unreadable, same ? old.Since : client.Options.Time.GetTimestamp());
    }
}
