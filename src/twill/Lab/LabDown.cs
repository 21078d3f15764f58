using Twill.Lab.Agents;
using Twill.Lab.Container;
using Twill.Linux.Netns;

namespace Twill.Lab;

/// <summary>Removes exactly what bears the lab's mark.</summary>
internal static class LabDown
{
    /// <returns>How many namespaces there were, by kind, and the processes that still live in them.</returns>
    internal static LabRemoval Run()
    {
        LabInventory inventory = LabInventory.Read();
        foreach (LabMark node in inventory.Nodes) LabAgents.Stop(node.Name);
        LabEtcd.Stop();
        IReadOnlyList<LabProcess> all = inventory.IsEmpty ? [] : LabProcesses.In(inventory.Marks);
        List<LabProcess> processes = [.. all.Where(p => p.Container is null || !PodContainers.End(p))];

        // Nodes before pods: with a node its bridge and cables go at once.
        foreach (LabMark mark in inventory.Marks.OrderBy(m => m.Kind)) NetworkNamespace.RemoveNamed(mark.Name);
        if (Directory.Exists(LabAgents.Directory)) Directory.Delete(LabAgents.Directory, recursive: true);
        foreach (string name in inventory.Unfinished) NetworkNamespace.RemoveNamed(name);
        NetworkNamespace.RemoveNamedDirectoryIfMade();
        return new LabRemoval(inventory.Marks.Count(m => m.Kind == LabKind.Node), inventory.Marks.Count(m => m.Kind == LabKind.Pod), inventory.Marks.Count + inventory.Unfinished.Count, processes);
    }
}
