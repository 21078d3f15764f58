using Twill.Fabric.Model;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;

namespace Twill.Agent.Services;

/// <summary>Says of endpoints that their source gave no node which one they are on: the one whose block has their address. Pure.</summary>
internal sealed class ServicePlacement
{
    private readonly Dictionary<IpPrefix, ClusterNode> _blocks = [];
    private readonly Dictionary<string, ClusterNode> _byName = new(StringComparer.Ordinal);
    private readonly List<int> _lengths = [];

    internal ServicePlacement(IReadOnlyList<ClusterNode> nodes)
    {
        foreach (ClusterNode node in nodes)
        {
            _byName[node.Name] = node;
            foreach (IpPrefix block in node.PodBlocks)
            {
                _blocks[block.Network] = node;
                if (!_lengths.Contains(block.Length)) _lengths.Add(block.Length);
            }
        }
    }

    /// <returns>The service itself where all was known.</returns>
    internal ServiceDescription Of(ServiceDescription service)
    {
        if (service.Endpoints.All(e => e.Node is not null && e.Zone is not null)) return service;
        List<EndpointDescription>? placed = null;
        for (int i = 0; i < service.Endpoints.Count; i++)
        {
            EndpointDescription endpoint = service.Endpoints[i];
            ClusterNode? node = endpoint.Node is { } name ? _byName.GetValueOrDefault(name) : NodeOf(endpoint.Address);
            if (node is null || (endpoint.Node is not null && (endpoint.Zone is not null || node.Zone is null))) continue;
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
}
