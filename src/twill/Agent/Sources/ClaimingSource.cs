using Twill.Agent.Registry;
using Twill.Etcd;
using Twill.Fabric;
using Twill.Fabric.Model;
using Twill.Linux.Sys;

namespace Twill.Agent.Sources;

/// <summary>etcd with this node in it: the block is claimed first, the nodes followed then.</summary>
/// <param name="client">Stays the caller's.</param>
/// <param name="network">What the cluster's blocks are cut from, where nobody has said so yet; null: somebody has.</param>
/// <param name="claim">Who we are; asked anew before each attempt, as addresses may come later than we do.</param>
/// <param name="told">Called when the claim is settled, with the ranges of the cluster.</param>
internal sealed class ClaimingSource(EtcdClient client, NetworkRecord? network, Func<NodeClaim> claim, Action<string> told) : ISource<ClusterNode>
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(200), s_longestPause = TimeSpan.FromSeconds(10);

    private readonly EtcdSource _nodes = new(client);
    private volatile SourceReading<ClusterNode>? _before = SourceReading<ClusterNode>.Nothing;

    public string Description => _nodes.Description;

    public SourceReading<ClusterNode> Reading => _before ?? _nodes.Reading;

    public async Task RunAsync(Action changed, CancellationToken token)
    {
        using var never = new SemaphoreSlim(0);
        TimeSpan pause = s_firstPause;
        while (await TryJoinAsync(changed, token).ConfigureAwait(false) is false)
        {
            if (token.IsCancellationRequested) return;

            // A wait that the end interrupts; what we wait for is somebody else's server, or an operator.
            try
            {
                await never.WaitAsync(pause, token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, s_longestPause.Ticks));
        }

        _before = null;
        await _nodes.RunAsync(changed, token).ConfigureAwait(false);
    }

    private async Task<bool> TryJoinAsync(Action changed, CancellationToken token)
    {
        try
        {
            var registry = new NodeRegistry(client);
            if (network is not null)
            {
                NetworkRecord there = await registry.EnsureNetworkAsync(network, token).ConfigureAwait(false);
                if (!there.Equals(network)) told($"the cluster's ranges are {there} already, not {network}: those that are there count");
            }

            var node = await registry.JoinAsync(claim(), token).ConfigureAwait(false);
            told($"etcd: node {node.Name} has the block {string.Join(", ", node.PodBlocks)}");
            return true;
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e) when (e is EtcdException or FabricException or AgentException or LinuxException)
        {
            if (_before?.Problem == e.Message) return false;
            _before = SourceReading<ClusterNode>.Nothing with { Problem = e.Message, Since = _before is { Since: > 0 } b ? b.Since : client.Options.Time.GetTimestamp() };
            changed();
            return false;
        }
    }
}
