using System.Globalization;
using Twill.Fabric.Model;
using Twill.Kube;
using Twill.Linux.Route;

namespace Twill.Agent.Sources;

/// <summary>Node objects of the Kubernetes API: spec.podCIDRs and the internal addresses. Read only; nothing is written on them.</summary>
/// <param name="client">Stays the caller's.</param>
internal sealed class KubeSource(KubeClient client, TimeProvider time) : ISource<ClusterNode>
{
    private volatile SourceReading<ClusterNode> _reading = SourceReading<ClusterNode>.Nothing;

    /// <summary>What is wrong with nodes themselves; it stays a problem until they are right.</summary>
    private volatile string? _unreadable;

    public string Description => $"kubernetes {client.Config.Server}";

    public SourceReading<ClusterNode> Reading => _reading;

    public async Task RunAsync(Action changed, CancellationToken token)
    {
        void Heard(InformerNotice notice)
        {
            switch (notice.Kind)
            {
                case InformerNoticeKind.Away or InformerNoticeKind.StillAway: Put(r => r with { Problem = notice.Problem?.Message ?? "no news from the API server", Since = r.Problem is null ? time.GetTimestamp() : r.Since }); break;
                case InformerNoticeKind.Back: Put(r => r with { Problem = _unreadable, Since = time.GetTimestamp() }); break;
                default: return;
            }

            changed();
        }

        await using Informer<KubeNode> informer = client.Inform(KubeNode.Resource, new InformerOptions { Notice = Heard });
        using InformerFeed<KubeNode> feed = informer.Subscribe();
        var nodes = new SortedDictionary<string, KubeNode>(StringComparer.Ordinal);
        try
        {
            while (true)
            {
                foreach (KubeChange<KubeNode> change in await feed.NextAsync(token).ConfigureAwait(false))
                {
                    if (change.Now is { } now) nodes[change.Key] = now;
                    else nodes.Remove(change.Key);
                }

                List<ClusterNode> read = Translate(nodes.Values, _reading.Items ?? [], out List<string> problems);
                _unreadable = problems.Count == 0 ? null : string.Join("; ", problems);
                string version = informer.Status.Version.ToString(CultureInfo.InvariantCulture);
                Put(r => new SourceReading<ClusterNode>(read, version, _unreadable, (r.Problem is null) == (_unreadable is null) && r.Items is not null ? r.Since : time.GetTimestamp()));
                changed();
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
        }
    }

    /// <summary>What can be a node of ours; one without a block yet is known by its address, one without an address keeps the one it had, or is left out.</summary>
    internal static List<ClusterNode> Translate(IEnumerable<KubeNode> nodes, IReadOnlyList<ClusterNode> before, out List<string> problems)
    {
        var read = new List<ClusterNode>();
        problems = [];
        foreach (KubeNode node in nodes)
        {
            List<IpPrefix> addresses = [], blocks = [];
            foreach (string text in node.InternalIps)
            {
                if (!IpAddress.TryParse(text, out IpAddress address)) problems.Add($"node {node.Name}: status.addresses has InternalIP \"{text}\", which is no address");
                else if (!addresses.Exists(a => a.IsV6 == address.IsV6)) addresses.Add(new IpPrefix(address, address.Bits));
            }

            foreach (string text in node.PodCidrs)
            {
                if (!IpPrefix.TryParse(text, out IpPrefix block)) problems.Add($"node {node.Name}: spec.podCIDRs has \"{text}\", which is no address with a prefix length");
                else if (!blocks.Exists(b => b.IsV6 == block.IsV6)) blocks.Add(block.Network);
            }

            if (addresses.Count == 0)
            {
                problems.Add($"node {node.Name} has no InternalIP in status.addresses: is its kubelet running, with --node-ip?");
                addresses.AddRange(before.FirstOrDefault(n => n.Name == node.Name)?.Addresses ?? []);
            }

            if (addresses.Count > 0) read.Add(new ClusterNode { Name = node.Name, Addresses = addresses, PodBlocks = blocks, Zone = node.Zone });
        }

        return read;
    }

    private void Put(Func<SourceReading<ClusterNode>, SourceReading<ClusterNode>> change) => _reading = change(_reading);
}
