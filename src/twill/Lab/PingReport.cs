namespace Twill.Lab;

/// <summary>All that pingall found.</summary>
internal sealed record PingReport(IReadOnlyList<PingEndpoint> Pods, IReadOnlyList<PingEndpoint> Nodes, PingEndpoint? Internet, IReadOnlyList<PingResult> Results, int AllPods, int AllNodes, bool V6)
{
    /// <summary>Fewer endpoints than there are took part.</summary>
    internal bool Sampled => Pods.Count < AllPods || Nodes.Count < AllNodes;

    internal bool Ok => Results.Count > 0 && Results.All(r => r.Ok);

    internal IEnumerable<PingResult> Between(LabKind from, LabKind to) => Results.Where(r => r.From.Kind == from && r.To.Kind == to);

    internal PingResult? Of(PingEndpoint from, PingEndpoint to) => _byPair.GetValueOrDefault((from.Name, to.Name));

    private readonly Dictionary<(string From, string To), PingResult> _byPair = Results.ToDictionary(r => (r.From.Name, r.To.Name));
}
