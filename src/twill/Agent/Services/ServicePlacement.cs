using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;

namespace Twill.Agent.Services;

/// <summary>Says of endpoints that their source gave no node which one they are on: the one whose block has their address. One caller at a time.</summary>
/// <remarks>
/// A service stays the same object as long as neither it nor a node that it has to do with changes, so that one node more among
/// thousands makes nobody compile all services again. Nothing is kept where there are no services.
/// </remarks>
internal sealed class ServicePlacement
{
    /// <summary>Services that the source no longer has are forgotten when they are more than this part of the others, not at each change.</summary>
    private const int KeptIn = 8, MinKept = 64;

    private readonly Dictionary<IpPrefix, ClusterNode> _blocks = [];
    private readonly Dictionary<string, ClusterNode> _byName = new(StringComparer.Ordinal);
    private readonly List<int> _lengths = [];
    private readonly Dictionary<ServiceDescription, ServiceDescription> _placed = new(ReferenceEqualityComparer.Instance);
    private IReadOnlyList<ClusterNode> _nodes = [];

    /// <param name="services">As the source tells them: what did not change is the same object.</param>
    /// <param name="nodes">As the source tells them.</param>
    /// <returns>In the same order.</returns>
    internal IReadOnlyList<ServiceDescription> Of(IReadOnlyList<ServiceDescription> services, IReadOnlyList<ClusterNode> nodes)
    {
        Follow(services.Count == 0 ? [] : nodes, out HashSet<string> names, out HashSet<IpPrefix> blocks);
        List<ServiceDescription>? all = null; // as long as nothing was to be said, the source's own list
        for (int i = 0; i < services.Count; i++)
        {
            ServiceDescription service = services[i];
            if (!_placed.TryGetValue(service, out ServiceDescription? known) || (names.Count > 0 && Concerns(service))) _placed[service] = known = Place(service);
            if (all is null && !ReferenceEquals(known, service)) all = [.. services.Take(i)];
            all?.Add(known);
        }

        if (_placed.Count > services.Count + (services.Count / KeptIn) + MinKept) Trim(services);
        return all ?? services;

        bool Concerns(ServiceDescription service) => service.Endpoints.Any(e => e.Node is { } node ? e.Zone is null && names.Contains(node) : InBlock(e.Address));

        bool InBlock(IpAddress address) => _lengths.Exists(length => length <= address.Bits && blocks.Contains(new IpPrefix(address, length).Network));
    }

    /// <param name="names">Of nodes that came, went or are others now.</param>
    /// <param name="blocks">Theirs.</param>
    private void Follow(IReadOnlyList<ClusterNode> nodes, out HashSet<string> names, out HashSet<IpPrefix> blocks)
    {
        ListChange change = ListChange.Between(_nodes, nodes);
        _nodes = nodes;
        names = new HashSet<string>(StringComparer.Ordinal);
        blocks = [];
        foreach (ClusterNode gone in change.Gone)
        {
            names.Add(gone.Name);
            if (ReferenceEquals(_byName.GetValueOrDefault(gone.Name), gone)) _byName.Remove(gone.Name);
            foreach (IpPrefix block in gone.PodBlocks)
            {
                blocks.Add(block.Network);
                if (ReferenceEquals(_blocks.GetValueOrDefault(block.Network), gone)) _blocks.Remove(block.Network);
            }
        }

        foreach (ClusterNode come in change.Come)
        {
            names.Add(come.Name);
            _byName[come.Name] = come;
            foreach (IpPrefix block in come.PodBlocks)
            {
                blocks.Add(block.Network);
                _blocks[block.Network] = come;
                if (!_lengths.Contains(block.Length)) _lengths.Add(block.Length);
            }
        }
    }

    /// <returns>The service itself where all was known.</returns>
    private ServiceDescription Place(ServiceDescription service)
    {
        List<EndpointDescription>? placed = null;
        for (int i = 0; i < service.Endpoints.Count; i++)
        {
            EndpointDescription endpoint = service.Endpoints[i];
            if (endpoint is { Node: not null, Zone: not null }) continue;
            ClusterNode? node = endpoint.Node is { } name ? _byName.GetValueOrDefault(name) : NodeOf(endpoint.Address);
            if (node is null || (endpoint.Node is not null && node.Zone is null)) continue;
            placed ??= [.. service.Endpoints];
            placed[i] = endpoint with { Node = node.Name, Zone = endpoint.Zone ?? node.Zone };
        }

        return placed is null ? service : service with { Endpoints = placed };
    }

    private ClusterNode? NodeOf(IpAddress address)
    {
        foreach (int length in _lengths)
        {
            if (length <= address.Bits && _blocks.TryGetValue(new IpPrefix(address, length).Network, out ClusterNode? node)) return node;
        }

        return null;
    }

    /// <summary>Those that the source no longer has.</summary>
    private void Trim(IReadOnlyList<ServiceDescription> services)
    {
        var now = new HashSet<ServiceDescription>(services, ReferenceEqualityComparer.Instance);
        foreach (ServiceDescription gone in _placed.Keys.Where(k => !now.Contains(k)).ToList()) _placed.Remove(gone);
    }
}
