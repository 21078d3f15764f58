namespace Twill.Fabric.Services.Model;

/// <summary>Which endpoints a frontend uses, and why each is or is not used: pure, the same for `twill service show` and for the table.</summary>
/// <remarks>
/// Source: Kubernetes, pkg/proxy/topology.go (CategorizeEndpoints) and KEP-1669, KEP-2433, KEP-3015. Ready ones within the hints;
/// if there is none, those that terminate and still serve.
/// </remarks>
public static class EndpointSelection
{
    /// <summary>One answer for each endpoint, in their order.</summary>
    /// <param name="port">Of the service.</param>
    /// <param name="v6">Family of the frontend.</param>
    /// <param name="policy">Of the frontend.</param>
    public static EndpointUse[] Select(ServiceDescription service, ServicePort port, bool v6, TrafficPolicy policy, ServiceNode node)
    {
        var uses = new EndpointUse[service.Endpoints.Count];
        Hint hint = policy == TrafficPolicy.Local ? Hint.None : HintOf(service, port, v6, node);
        int used = 0;
        for (int i = 0; i < uses.Length; i++)
        {
            EndpointDescription endpoint = service.Endpoints[i];
            EndpointReason reason = Reason(service, endpoint, port, v6, policy, node, hint);
            if (reason == EndpointReason.Used) used++;
            uses[i] = new EndpointUse(endpoint, reason);
        }

        if (used > 0) return uses;
        for (int i = 0; i < uses.Length; i++)
        {
            EndpointDescription endpoint = uses[i].Endpoint;
            if (uses[i].Reason == EndpointReason.Terminating && endpoint.Serving) uses[i] = new EndpointUse(endpoint, EndpointReason.LastResort);
        }

        return uses;
    }

    /// <summary>Those that are used, sorted, each once.</summary>
    public static List<Backend> BackendsOf(ServiceDescription service, ServicePort port, bool v6, TrafficPolicy policy, ServiceNode node)
    {
        var backends = new List<Backend>();
        foreach (EndpointUse use in Select(service, port, v6, policy, node))
        {
            if (use.IsUsed) backends.Add(new Backend(use.Endpoint.Address, use.Endpoint.Ports[port.Name]));
        }

        backends.Sort();
        int kept = 0;
        for (int i = 0; i < backends.Count; i++)
        {
            if (i == 0 || backends[i] != backends[kept - 1]) backends[kept++] = backends[i];
        }

        backends.RemoveRange(kept, backends.Count - kept);
        return backends;
    }

    private enum Hint
    {
        None,
        Node,
        Zone,
    }

    private static bool IsReady(ServiceDescription service, EndpointDescription endpoint) => endpoint.Ready || service.PublishNotReady;

    private static EndpointReason Reason(ServiceDescription service, EndpointDescription endpoint, ServicePort port, bool v6, TrafficPolicy policy, ServiceNode node, Hint hint)
    {
        if (endpoint.Address.IsV6 != v6) return EndpointReason.OtherFamily;
        if (!endpoint.Ports.ContainsKey(port.Name)) return EndpointReason.NoPort;
        if (policy == TrafficPolicy.Local && endpoint.Node != node.Name) return EndpointReason.OtherNode;
        if (!IsReady(service, endpoint)) return endpoint.Terminating ? EndpointReason.Terminating : EndpointReason.NotReady;
        return hint switch
        {
            Hint.Node when !NodeHints(service, endpoint).Contains(node.Name) => EndpointReason.HintedElsewhere,
            Hint.Zone when !ZoneHints(service, endpoint).Contains(node.Zone!) => EndpointReason.OtherZone,
            _ => EndpointReason.Used,
        };
    }

    /// <summary>Hints count only if every ready endpoint has one, and one of them is for us: a half-written list must not starve a node.</summary>
    private static Hint HintOf(ServiceDescription service, ServicePort port, bool v6, ServiceNode node)
    {
        bool allNode = true, allZone = true, oneNode = false, oneZone = false;
        foreach (EndpointDescription endpoint in service.Endpoints)
        {
            if (endpoint.Address.IsV6 != v6 || !endpoint.Ports.ContainsKey(port.Name) || !IsReady(service, endpoint)) continue;
            IReadOnlyList<string> nodes = NodeHints(service, endpoint), zones = ZoneHints(service, endpoint);
            allNode &= nodes.Count > 0;
            allZone &= zones.Count > 0;
            oneNode |= nodes.Contains(node.Name);
            oneZone |= node.Zone is { } zone && zones.Contains(zone);
        }

        return allNode && oneNode ? Hint.Node : allZone && oneZone ? Hint.Zone : Hint.None;
    }

    // A source without an EndpointSlice controller writes no hints: then they follow from where the endpoint is.
    private static IReadOnlyList<string> NodeHints(ServiceDescription service, EndpointDescription endpoint)
        => endpoint.NodeHints.Count > 0 || service.Distribution != TrafficDistribution.PreferSameNode || endpoint.Node is null ? endpoint.NodeHints : [endpoint.Node];

    private static IReadOnlyList<string> ZoneHints(ServiceDescription service, EndpointDescription endpoint)
        => endpoint.ZoneHints.Count > 0 || service.Distribution == TrafficDistribution.None || endpoint.Zone is null ? endpoint.ZoneHints : [endpoint.Zone];
}
