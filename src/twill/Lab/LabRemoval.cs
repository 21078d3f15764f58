namespace Twill.Lab;

/// <summary>What `down` has removed.</summary>
/// <param name="Namespaces">All of them, router and internet too.</param>
/// <param name="Processes">Those that were running inside: their namespaces live as long as they.</param>
internal sealed record LabRemoval(int Nodes, int Pods, int Namespaces, IReadOnlyList<LabProcess> Processes);
