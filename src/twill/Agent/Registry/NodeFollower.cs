using Twill.Etcd;
using Twill.Etcd.Watch;
using Twill.Fabric;
using Twill.Fabric.Model;

namespace Twill.Agent.Registry;

/// <summary>The nodes as etcd has them, told as a snapshot and then as differences, whatever happens to etcd meanwhile.</summary>
/// <remarks>One caller at a time. A record that cannot be read never takes a node away: it stays as it was, and the problem is told.</remarks>
internal sealed class NodeFollower(EtcdClient client, RegistryKeys keys) : IAsyncDisposable
{
    private readonly PrefixMirror _mirror = new(client, keys.Nodes);
    private readonly Dictionary<string, NodeRecord> _nodes = new(StringComparer.Ordinal);

    /// <summary>Waits for the next step; without end while etcd is away, so cancel it.</summary>
    public async Task<NodeStep> NextAsync(CancellationToken cancel)
    {
        while (true)
        {
            switch (await _mirror.NextAsync(cancel).ConfigureAwait(false))
            {
                case MirrorStep.Away away: return new NodeStep.Away(away.Why);
                case MirrorStep.Back back: return new NodeStep.Back(back.Revision);
                case MirrorStep.Snapshot snapshot:
                    (List<ClusterNode> all, List<string> unreadable) = Take(snapshot.Entries);
                    return new NodeStep.Snapshot(snapshot.Revision, all, unreadable);
                case MirrorStep.Changes changes:
                    (List<ClusterNode> changed, List<string> problems) = Take(changes.Changed);
                    string[] gone = [.. changes.Gone.Select(k => k[keys.Nodes.Length..]).Where(_nodes.Remove)];
                    if (changed.Count + gone.Length + problems.Count > 0) return new NodeStep.Changes(changes.Revision, changed, gone, problems);
                    break; // another machine id, or a field of a newer version: nothing that a network is made of
            }
        }
    }

    public ValueTask DisposeAsync() => _mirror.DisposeAsync();

    private (List<ClusterNode> Changed, List<string> Problems) Take(IReadOnlyList<KeyValue> entries)
    {
        var changed = new List<ClusterNode>();
        var problems = new List<string>();
        foreach (KeyValue entry in entries)
        {
            try
            {
                NodeRecord record = NodeRecord.Parse(entry.KeyText, entry.Value.Span);
                bool same = _nodes.TryGetValue(record.Name, out NodeRecord? known) && known.Equals(record with { Id = known.Id });
                _nodes[record.Name] = record;
                if (!same) changed.Add(record.ToNode());
            }
            catch (FabricException e)
            {
                problems.Add(e.Message);
            }
        }

        return (changed, problems);
    }
}
