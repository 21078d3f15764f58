using Twill.Lab.Model;

namespace Twill.Lab.State;

/// <summary>A lab's network: as the kernel has it, or as it should be. Everything that draws, explains, compares or mends works on this.</summary>
/// <param name="Namespaces">Router, internet, nodes by index, each node's pods behind it.</param>
internal sealed record LabState(LabSpec Spec, IReadOnlyList<NamespaceState> Namespaces)
{
    internal NamespaceState? Router => Namespaces.FirstOrDefault(n => n.Kind == LabKind.Router);

    internal NamespaceState? Internet => Namespaces.FirstOrDefault(n => n.Kind == LabKind.Internet);

    internal IEnumerable<NamespaceState> Nodes => Namespaces.Where(n => n.Kind == LabKind.Node);

    internal IEnumerable<NamespaceState> PodsOf(string node) => Namespaces.Where(n => n.Kind == LabKind.Pod && n.Node == node);

    internal NamespaceState? Find(string name) => Namespaces.FirstOrDefault(n => n.Name == name);
}
