using System.Globalization;
using Twill.Agent.Registry;
using Twill.Etcd;
using Twill.Fabric.Model;

namespace Twill.Agent.Sources;

/// <summary>The nodes that registered themselves in etcd (<see cref="NodeRegistry"/>). Away from etcd the last reading stays, for however long.</summary>
/// <param name="client">Stays the caller's.</param>
internal sealed class EtcdSource(EtcdClient client, string root = RegistryKeys.DefaultRoot) : ISource<ClusterNode>
{
    private readonly SortedList<string, ClusterNode> _nodes = new(StringComparer.Ordinal);

    private volatile SourceReading<ClusterNode> _reading = SourceReading<ClusterNode>.Nothing;

    public string Description => $"etcd {string.Join(',', client.Options.Endpoints.Select(e => e.Authority))}";

    public SourceReading<ClusterNode> Reading => _reading;

    public async Task RunAsync(Action changed, CancellationToken token)
    {
        await using NodeFollower follower = new NodeRegistry(client, root).Follow();
        try
        {
            while (true)
            {
                if (!Take(await follower.NextAsync(token).ConfigureAwait(false))) continue;
                changed();
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
        }
    }

    /// <returns>Whether the reading is another one now.</returns>
    private bool Take(NodeStep step)
    {
        SourceReading<ClusterNode> old = _reading;
        _reading = step switch
        {
            NodeStep.Snapshot snapshot => Told(old, snapshot.Revision, snapshot.Nodes, [], snapshot.Problems),
            NodeStep.Changes changes => Told(old, changes.Revision, changes.Changed, changes.Gone, changes.Problems),
            NodeStep.Away away => old with { Problem = away.Why.Message, Since = Now },
            NodeStep.Back => old with { Problem = null, Since = Now },
            _ => throw new InvalidOperationException($"{step} is no step"),
        };
        return !ReferenceEquals(old, _reading);
    }

    private long Now => client.Options.Time.GetTimestamp();

    private SourceReading<ClusterNode> Told(SourceReading<ClusterNode> old, long revision, IReadOnlyList<ClusterNode> changed, IReadOnlyList<string> gone, IReadOnlyList<string> problems)
    {
        foreach (ClusterNode node in changed) _nodes[node.Name] = node;
        foreach (string name in gone) _nodes.Remove(name);

        // What could not be read stays a problem until the next change; the node itself stays as it was.
        string? problem = problems.Count > 0 ? string.Join("; ", problems) : null;
        bool same = old.Items is not null && (old.Problem is null) == (problem is null);
        return new SourceReading<ClusterNode>(_nodes.Values.ToArray(), revision.ToString(CultureInfo.InvariantCulture), problem, same ? old.Since : Now);
    }
}
