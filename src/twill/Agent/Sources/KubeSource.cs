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
        var nodes = new SortedList<string, ClusterNode>(StringComparer.Ordinal);
        var problems = new SortedDictionary<string, string>(StringComparer.Ordinal);
        try
        {
            while (true)
            {
                bool other = _reading.Items is null;
                foreach (KubeChange<KubeNode> change in await feed.NextAsync(token).ConfigureAwait(false))
                {
                    problems.Remove(change.Key);
                    ClusterNode? before = nodes.GetValueOrDefault(change.Key), now = change.Now is { } node ? Translate(node, before, problems) : null;
                    other |= !ReferenceEquals(before, now);
                    if (now is not null) nodes[change.Key] = now;
                    else nodes.Remove(change.Key);
                }

                IReadOnlyList<ClusterNode> read = other ? nodes.Values.ToArray() : _reading.Items!;
                _unreadable = problems.Count == 0 ? null : string.Join("; ", problems.Values);
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
    /// <param name="before">What was read of it before: the answer, if it still says the same.</param>
    /// <param name="problems">By name; gets what is wrong with it.</param>
    internal static ClusterNode? Translate(KubeNode node, ClusterNode? before, SortedDictionary<string, string> problems)
    {
        List<IpPrefix> addresses = [], blocks = [];
        List<string> wrong = [];
        foreach (string text in node.InternalIps)
        {
            if (!IpAddress.TryParse(text, out IpAddress address)) wrong.Add($"node {node.Name}: status.addresses has InternalIP \"{text}\", which is no address");
            else if (!addresses.Exists(a => a.IsV6 == address.IsV6)) addresses.Add(new IpPrefix(address, address.Bits));
        }

        foreach (string text in node.PodCidrs)
        {
            if (!IpPrefix.TryParse(text, out IpPrefix block)) wrong.Add($"node {node.Name}: spec.podCIDRs has \"{text}\", which is no address with a prefix length");
            else if (!blocks.Exists(b => b.IsV6 == block.IsV6)) blocks.Add(block.Network);
        }

        if (addresses.Count == 0)
        {
            wrong.Add($"node {node.Name} has no InternalIP in status.addresses: is its kubelet running, with --node-ip?");
            addresses.AddRange(before?.Addresses ?? []);
        }

        if (wrong.Count > 0) problems[node.Name] = string.Join("; ", wrong);
        if (addresses.Count == 0) return null;
        var read = new ClusterNode { Name = node.Name, Addresses = addresses.ToArray(), PodBlocks = blocks.ToArray(), Zone = node.Zone };
        return before is not null && before.IsSame(read) && before.Zone == read.Zone ? before : read;
    }

    private void Put(Func<SourceReading<ClusterNode>, SourceReading<ClusterNode>> change) => _reading = change(_reading);
}
